using System.Buffers.Binary;
using System.Text.Json;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Ingest.Formats;

/// <summary>Finds the fields of one JSON record, without a copy. For one use, by one thread.</summary>
internal ref struct JsonScanner
{
    private readonly JsonFieldNames _names;
    private readonly bool _encrypts;
    private Utf8JsonReader _reader;
    private RecordFields _fields;
    private Rejection _rejection;
    private bool _hasVector;
    private bool _hasMetadata;
    private TextRange _metadataField;

    /// <summary>Creates a scanner.</summary>
    public JsonScanner(ReadOnlySpan<byte> message, BatchOperation operation, JsonFieldNames names, int maxDepth)
    {
        _names = names;
        _encrypts = operation is BatchOperation.Encrypt or BatchOperation.EncryptOneWay;
        _reader = new Utf8JsonReader(message, new JsonReaderOptions { MaxDepth = maxDepth });
        _fields = new RecordFields { Operation = operation, Rows = 1 };
    }

    private enum Kind
    {
        Other,
        Id,
        Vector,
        Tenant,
        DerivationPath,
        Metadata,
    }

    /// <summary>Reads the record.</summary>
    /// <param name="size">The size of the message.</param>
    /// <param name="fields">What was found.</param>
    /// <param name="rejection">What is wrong.</param>
    public bool TryScan(int size, out RecordFields fields, out Rejection rejection)
    {
        bool done;
        try
        {
            done = TryScanObject();
        }
        catch (JsonException)
        {
            // Its message may quote the record.
            done = Fail(RejectReason.BadJson, "the message is not well-formed JSON, or nested too deeply");
        }

        fields = _fields;
        fields.EnvelopeSize = size - _fields.Vector.Length - _fields.MetadataHole.Length;
        rejection = _rejection;
        return done;
    }

    private bool TryScanObject()
    {
        if (!_reader.Read() || _reader.TokenType != JsonTokenType.StartObject)
            return Fail(RejectReason.BadJson, "the message is not a JSON object");
        int lastEnd = (int)_reader.BytesConsumed;
        bool first = true, metadataFirst = false;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            int start = (int)_reader.TokenStartIndex;
            // A first field is cut out together with the comma behind it, any other with the comma before it.
            if (metadataFirst)
                _metadataField = TextRange.FromEnds(_metadataField.Start, start);
            metadataFirst = false;
            Kind kind = Classify();
            _reader.Read();
            if (!TryScanValue(kind))
                return false;
            int end = (int)_reader.BytesConsumed;
            if (kind == Kind.Metadata)
            {
                _metadataField = TextRange.FromEnds(first ? start : lastEnd, end);
                metadataFirst = first;
            }

            first = false;
            lastEnd = end;
        }

        // Only space may follow.
        while (_reader.Read())
        {
        }

        return TryFinish(lastEnd);
    }

    private bool TryFinish(int lastEnd)
    {
        if (!_hasVector)
            return Fail(RejectReason.MissingField, "the record has no vector field");
        if (_names.Id is not null && !_fields.Id.IsPresent)
            return Fail(RejectReason.MissingField, "the record has no id field");
        if (!_encrypts && !_hasMetadata)
            return Fail(RejectReason.MissingMetadata, "the record has no metadata field");
        if (!RecordRows.CheckDimension(_names.Dimension, _fields.Dimension, out _rejection))
            return false;
        _fields.MetadataHole = _fields.Operation switch
        {
            BatchOperation.Decrypt => _metadataField,
            BatchOperation.Rotate => _fields.Metadata,
            _ => new TextRange(lastEnd, 0),
        };
        return true;
    }

    private Kind Classify()
    {
        if (IsName(_names.Vector))
            return Kind.Vector;
        if (IsName(_names.Id))
            return Kind.Id;
        if (IsName(_names.Metadata))
            return Kind.Metadata;
        if (IsName(_names.Tenant))
            return Kind.Tenant;
        return IsName(_names.DerivationPath) ? Kind.DerivationPath : Kind.Other;
    }

    private readonly bool IsName(byte[]? name)
    {
        if (name is null)
            return false;
        try
        {
            return _reader.ValueTextEquals(name);
        }
        catch (InvalidOperationException)
        {
            // Escapes that spell half a surrogate pair: no name of ours, and none of our business.
            return false;
        }
    }

    private bool TryScanValue(Kind kind)
    {
        switch (kind)
        {
            case Kind.Vector:
                return TryScanVector();
            case Kind.Id:
                return TryScanId();
            case Kind.Tenant:
                TextField tenant = _fields.Tenant;
                bool tenantFound = TryScanText("the tenant field", "a string", ref tenant);
                _fields.Tenant = tenant;
                return tenantFound;
            case Kind.DerivationPath:
                TextField path = _fields.DerivationPath;
                bool pathFound = TryScanText("the derivation path field", "a string", ref path);
                _fields.DerivationPath = path;
                return pathFound;
            case Kind.Metadata:
                return TryScanMetadata();
            default:
                _reader.Skip();
                return true;
        }
    }

    private bool TryScanVector()
    {
        if (_hasVector)
            return Fail(RejectReason.DuplicateField, "the vector field is there twice");
        _hasVector = true;
        if (_reader.TokenType != JsonTokenType.StartArray)
            return Fail(RejectReason.BadField, "the vector field is not an array of numbers");
        int start = (int)_reader.TokenStartIndex;
        int count = 0;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.Number)
            count++;
        if (_reader.TokenType != JsonTokenType.EndArray)
        {
            Fail(RejectReason.BadField, "an element of the vector is not a number");
            _rejection = _rejection with { Element = count };
            return false;
        }

        _fields.Dimension = count;
        _fields.Vector = TextRange.FromEnds(start, (int)_reader.BytesConsumed);
        return true;
    }

    private bool TryScanId()
    {
        if (_reader.TokenType != JsonTokenType.Number)
        {
            TextField text = _fields.Id;
            bool found = TryScanText("the id field", "a string or a number", ref text);
            _fields.Id = text;
            return found;
        }

        if (_fields.Id.IsPresent)
            return Fail(RejectReason.DuplicateField, "the id field is there twice");
        _fields.Id = new TextField(new TextRange((int)_reader.TokenStartIndex, _reader.ValueSpan.Length), escaped: false);
        return true;
    }

    private bool TryScanText(string what, string type, ref TextField field)
    {
        if (field.IsPresent)
            return Fail(RejectReason.DuplicateField, $"{what} is there twice");
        if (_reader.TokenType != JsonTokenType.String)
            return Fail(RejectReason.BadField, $"{what} is not {type}");
        return TextField.TryCreate(ref _reader, out field) || Fail(RejectReason.BadField, $"{what} is not valid Unicode");
    }

    private bool TryScanMetadata()
    {
        if (_encrypts)
            return Fail(RejectReason.AlreadyEncrypted, "the record has a metadata field already");
        if (_hasMetadata)
            return Fail(RejectReason.DuplicateField, "the metadata field is there twice");
        _hasMetadata = true;
        if (_reader.TokenType != JsonTokenType.String)
            return Fail(RejectReason.BadMetadata, "the metadata field is not a string");
        Span<byte> metadata = stackalloc byte[JsonMetadata.MaxSize];
        if (!JsonMetadata.TryDecode(ref _reader, metadata, out int length))
            return Fail(RejectReason.BadMetadata, "the metadata field is not base64 of a vector's metadata");
        if (length < VectorMetadata.HeaderSize)
        {
            Fail(RejectReason.BadMetadata, "the metadata has the wrong number of bytes");
            _rejection = _rejection with { Expected = VectorMetadata.Size, Found = length };
            return false;
        }

        _fields.SecretId = BinaryPrimitives.ReadUInt32BigEndian(metadata);
        _fields.Metadata = new TextRange((int)_reader.TokenStartIndex, _reader.ValueSpan.Length + 2);
        return true;
    }

    private bool Fail(RejectReason reason, string what)
    {
        _rejection = new Rejection(reason, what) { Offset = _reader.TokenStartIndex };
        return false;
    }
}
