using System.Buffers.Binary;
using System.Runtime.InteropServices;
using GpuCrypt.Ingest.Formats;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Ingest.Files;

/// <summary>
/// .npy and .fvecs files with their metadata beside them. Rows keep their places: one that was rejected is NaN in every element, with
/// metadata of zeros.
/// </summary>
internal sealed class BinaryFileWriter : VectorFileWriter
{
    private readonly bool _eachDimension;

    /// <summary>Starts a .npy file of a known shape.</summary>
    public BinaryFileWriter(string file, in NpyHeader header, FileSettings settings)
        : this(file, VectorFileKind.Npy, settings)
    {
        Span<byte> bytes = Output.GetSpan(NpyHeader.MaxWrittenSize);
        Output.Advance(header.Write(bytes));
    }

    /// <summary>Starts a .fvecs file.</summary>
    public BinaryFileWriter(string file, FileSettings settings)
        : this(file, VectorFileKind.Fvecs, settings) => _eachDimension = true;

    private BinaryFileWriter(string file, VectorFileKind kind, FileSettings settings)
        : base(file, settings, kind)
    {
        if (!settings.WritesMetadata)
            return;
        try
        {
            Metadata = new OutputFile(VectorFileNames.Metadata(file), isPrivate: false, settings.Overwrite);
        }
        catch
        {
            Output.Abandon();
            throw;
        }
    }

    protected override void WriteDone(FileBatch batch, in FileRow row)
    {
        WriteDimension(row);
        Output.Write(MemoryMarshal.AsBytes(batch.Vectors.Output(row.BatchRow)));
        if (Metadata is null)
            return;
        MetadataHeader.Write(batch.Vectors, row.BatchRow, 1, Metadata.GetSpan(VectorMetadata.Size));
        Metadata.Advance(VectorMetadata.Size);
    }

    protected override void WriteRejected(in FileRow row)
    {
        WriteDimension(row);
        for (int left = row.Dimension; left > 0;)
        {
            Span<float> values = MemoryMarshal.Cast<byte, float>(Output.GetSpan(sizeof(float)));
            values = values[..Math.Min(values.Length, left)];
            values.Fill(float.NaN);
            Output.Advance(values.Length * sizeof(float));
            left -= values.Length;
        }

        if (Metadata is null)
            return;
        Metadata.GetSpan(VectorMetadata.Size)[..VectorMetadata.Size].Clear();
        Metadata.Advance(VectorMetadata.Size);
    }

    private void WriteDimension(in FileRow row)
    {
        if (!_eachDimension)
            return;
        BinaryPrimitives.WriteInt32LittleEndian(Output.GetSpan(sizeof(int)), row.Dimension);
        Output.Advance(sizeof(int));
    }
}
