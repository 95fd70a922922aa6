using System.Text;
using GpuCrypt.Ingest.Formats;
using GpuCrypt.Kernels.Batches;
using static GpuCrypt.Ingest.Tests.Formats.Records;

namespace GpuCrypt.Ingest.Tests.Formats;

public sealed class JsonFormatTests
{
    // Secret 0x01020304, IV of twelve 01, tag of thirty-two 80.
    private const string Metadata = "AQIDBIEACgwBAQEBAQEBAQEBAQESIICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICA";

    [Fact]
    public void Encrypting_exchanges_the_array_and_appends_the_metadata() => Assert.Equal(
        $$"""{"id":"a","vector":[1,-2.5,3E-09],"text":"x","paired_icl_info":"{{Metadata}}"}""",
        RoundTripJson("""{"id":"a","vector":[1.0, -2.50, 3e-9],"text":"x"}""", BatchOperation.Encrypt));

    [Fact]
    public void Every_other_byte_stays_as_it_was() => Assert.Equal(
        $$"""  { "a" : 1.50e+3 ,"a":[ {"vector":[null]} , 2],"id" : 7e0, "\u0062":"\u00e4\/", "vector": [1,2] , "z":{"paired_icl_info":1},"paired_icl_info":"{{Metadata}}" }""" + "\t\r\n",
        RoundTripJson("""  { "a" : 1.50e+3 ,"a":[ {"vector":[null]} , 2],"id" : 7e0, "\u0062":"\u00e4\/", "vector": [ 1 , 2 ] , "z":{"paired_icl_info":1} }""" + "\t\r\n", BatchOperation.Encrypt));

    [Theory]
    [InlineData("""{"id":1,"vector":[1,2],"paired_icl_info":"M"}""", """{"id":1,"vector":[1,2]}""")]
    [InlineData("""{"id":1 , "paired_icl_info" : "M" , "vector":[1,2]}""", """{"id":1 , "vector":[1,2]}""")]
    [InlineData("""{ "paired_icl_info":"M", "id":1,"vector":[1,2]}""", """{ "id":1,"vector":[1,2]}""")]
    [InlineData("""{"vector":[1,2],"paired_icl_info":"M","id":1}""", """{"vector":[1,2],"id":1}""")]
    public void Decrypting_cuts_the_metadata_field_out_wherever_it_is(string message, string expected) =>
        Assert.Equal(expected, RoundTripJson(message.Replace("\"M\"", $"\"{Metadata}\"", StringComparison.Ordinal), BatchOperation.Decrypt));

    [Theory]
    [InlineData("""{"id":1,"vector":[1,2],"paired_icl_info" : "M"}""")]
    [InlineData("""{"paired_icl_info":"M" ,"id":1,"vector":[1,2]}""")]
    public void Rotating_exchanges_the_metadata_in_its_place(string message) => Assert.Equal(
        message.Replace("\"M\"", $"\"{Metadata}\"", StringComparison.Ordinal),
        RoundTripJson(message.Replace("\"M\"", "\"" + Metadata.Replace("gICA", "gIKA", StringComparison.Ordinal) + "\"", StringComparison.Ordinal), BatchOperation.Rotate));

    [Fact]
    public void One_way_encryption_adds_no_metadata() =>
        Assert.Equal("""{"id":1,"vector":[1]}""", RoundTripJson("""{"id":1,"vector":[1e0]}""", BatchOperation.EncryptOneWay));

    [Fact]
    public void The_metadata_names_the_secret_and_fills_the_columns_even_with_escapes_in_it()
    {
        var format = new JsonFormat();
        byte[] message = Encoding.UTF8.GetBytes($$"""{"id":1,"vector":[1],"paired_icl_info":"{{Metadata.Replace("A", "\\u0041", StringComparison.Ordinal)}}"}""");
        using VectorBatch batch = Batch();
        Assert.True(format.Scan(message, default, BatchOperation.Decrypt, out RecordFields fields, out _));
        Assert.Equal(SecretId, fields.SecretId);
        Assert.Equal(FillStatus.Ok, format.Fill(message, default, fields, batch, 0, default, out _));
        Assert.Equal(Enumerable.Repeat((byte)1, 12), batch.InputIv(0).ToArray());
        Assert.Equal(Enumerable.Repeat((byte)0x80, 32), batch.InputTag(0).ToArray());
    }

    [Fact]
    public void Fields_are_found_by_their_unescaped_names_and_read_without_escapes()
    {
        var format = new JsonFormat(new JsonFormatOptions { TenantField = "kunde", DerivationPathField = "pfad", IdField = "nr", VectorField = "e", MetadataField = "m\"ü" });
        byte[] message = Encoding.UTF8.GetBytes("""{"\u006ar":0,"n\u0072":12.0,"\u0065":[1],"kunde":"Bäcker \"A\"","pfad":"a\/b"}""");
        Assert.True(format.Scan(message, default, BatchOperation.Encrypt, out RecordFields fields, out _));
        Assert.Equal(("12.0", "Bäcker \"A\"", "a/b"), (fields.Id.ReadString(message), fields.Tenant.ReadString(message), fields.DerivationPath.ReadString(message)));
        string encrypted = Encoding.UTF8.GetString(RoundTrip(format, message, default, BatchOperation.Encrypt, out _));
        Assert.Equal("""{"\u006ar":0,"n\u0072":12.0,"\u0065":[1],"kunde":"Bäcker \"A\"","pfad":"a\/b"}""", Encoding.UTF8.GetString(RoundTrip(format, Encoding.UTF8.GetBytes(encrypted), default, BatchOperation.Decrypt, out _)));
    }

    [Fact]
    public void Absent_fields_read_as_null()
    {
        Assert.True(new JsonFormat(new JsonFormatOptions { TenantField = "t", IdField = null }).Scan("{\"vector\":[]}"u8, default, BatchOperation.Encrypt, out RecordFields fields, out _));
        Assert.Null(fields.Tenant.ReadString("{\"vector\":[]}"u8));
        Assert.False(fields.Id.IsPresent);
        Assert.Equal(0, fields.Dimension);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("{")]
    [InlineData("""{"id":1,"vector":[1]""")]
    [InlineData("""{"id":1,"vector":[1]}}""")]
    [InlineData("""{"id":1,"vector":[1]} {}""")]
    [InlineData("""{"id":1,"vector":[1],}""")]
    [InlineData("""{"id":1,"vector":[1,]}""")]
    [InlineData("""{"id":1,"vector":[01]}""")]
    [InlineData("""{"id":1,"vector":[1.]}""")]
    [InlineData("""{"id":1,"vector":[.5]}""")]
    [InlineData("""{"id":1,"vector":[+1]}""")]
    [InlineData("""{"id":1,"vector":[NaN]}""")]
    [InlineData("""{"id":1,"vector":[1 2]}""")]
    [InlineData("""{"id":1,"vector":[1]}//""")]
    public void What_is_not_one_JSON_object_is_rejected(string message) => Assert.Equal(RejectReason.BadJson, RejectJson(message).Reason);

    [Theory]
    [InlineData("""{"vector":[1]}""", RejectReason.MissingField)]
    [InlineData("""{"id":1}""", RejectReason.MissingField)]
    [InlineData("""{"id":null,"vector":[1]}""", RejectReason.BadField)]
    [InlineData("""{"id":{},"vector":[1]}""", RejectReason.BadField)]
    [InlineData("""{"id":"\ud800","vector":[1]}""", RejectReason.BadField)]
    [InlineData("""{"id":1,"id":2,"vector":[1]}""", RejectReason.DuplicateField)]
    [InlineData("""{"id":1,"id":"2","vector":[1]}""", RejectReason.DuplicateField)]
    [InlineData("""{"id":1,"vector":[1],"vect\u006fr":[1]}""", RejectReason.DuplicateField)]
    [InlineData("""{"id":1,"vector":"1"}""", RejectReason.BadField)]
    [InlineData("""{"id":1,"vector":null}""", RejectReason.BadField)]
    [InlineData("""{"id":1,"vector":[[1]]}""", RejectReason.BadField)]
    [InlineData("""{"id":1,"vector":[1,"2"]}""", RejectReason.BadField)]
    [InlineData("""{"id":1,"vector":[1,null]}""", RejectReason.BadField)]
    [InlineData("""{"id":1,"vector":[1,1e39]}""", RejectReason.OutOfRange)]
    [InlineData("""{"id":1,"vector":[1],"paired_icl_info":""}""", RejectReason.AlreadyEncrypted)]
    [InlineData("""{"id":1,"vector":[1],"paired_icl_info":null}""", RejectReason.AlreadyEncrypted)]
    [InlineData("""{"id":1,"vector":[1],"t":3}""", RejectReason.BadField)]
    [InlineData("""{"id":1,"vector":[1],"t":"a","t":"a"}""", RejectReason.DuplicateField)]
    [InlineData("""{"id":1,"vector":[1],"p":[]}""", RejectReason.BadField)]
    public void A_record_without_the_fields_that_it_needs_is_rejected(string message, RejectReason reason) =>
        Assert.Equal(reason, RejectJson(message, options: new JsonFormatOptions { TenantField = "t", DerivationPathField = "p" }).Reason);

    [Theory]
    [InlineData("""{"id":1,"vector":[1]}""", RejectReason.MissingMetadata)]
    [InlineData("""{"id":1,"vector":[1],"paired_icl_info":1}""", RejectReason.BadMetadata)]
    [InlineData("""{"id":1,"vector":[1],"paired_icl_info":"AQID"}""", RejectReason.BadMetadata)]
    [InlineData("""{"id":1,"vector":[1],"paired_icl_info":"AQIDBIEACg"}""", RejectReason.BadMetadata)]
    [InlineData("""{"id":1,"vector":[1],"paired_icl_info":"AQIDBIEACgwB"}""", RejectReason.BadMetadata)]
    [InlineData("""{"id":1,"vector":[1],"paired_icl_info":"not base64!"}""", RejectReason.BadMetadata)]
    [InlineData("""{"id":1,"vector":[1],"paired_icl_info":"\ud800"}""", RejectReason.BadMetadata)]
    public void A_record_without_readable_metadata_is_not_decrypted(string message, RejectReason reason) =>
        Assert.Equal(reason, RejectJson(message, BatchOperation.Decrypt).Reason);

    [Fact]
    public void The_metadata_field_twice_is_rejected() => Assert.Equal(
        RejectReason.DuplicateField,
        RejectJson($$"""{"id":1,"vector":[1],"paired_icl_info":"{{Metadata}}","paired_icl_info":"{{Metadata}}"}""", BatchOperation.Decrypt).Reason);

    [Fact]
    public void Rejections_name_the_place_and_no_value()
    {
        Rejection rejection = RejectJson("""{"id":"secret-id","vector":[0.5,0.25,"secret"]}""");
        Assert.Equal((RejectReason.BadField, 2L), (rejection.Reason, rejection.Element));
        Assert.Equal("bad-field: an element of the vector is not a number, element 2, byte 37", rejection.ToString());
        Assert.Equal(3, RejectJson("""{"id":1,"vector":[0,1,2,-1e99]}""").Element);
    }

    [Fact]
    public void Depth_and_size_are_limited()
    {
        var options = new JsonFormatOptions { MaxDepth = 4, MaxMessageSize = 100 };
        Assert.Equal(RejectReason.BadJson, RejectJson("""{"id":1,"vector":[1],"x":[[[[1]]]]}""", options: options).Reason);
        Assert.Equal(RejectReason.TooLarge, RejectJson("""{"id":1,"vector":[1]}""".PadRight(101), options: options).Reason);
        Assert.Equal(RejectReason.WrongDimension, RejectJson("""{"id":1,"vector":[1]}""", options: options with { Dimension = 2 }).Reason);
    }

    [Fact]
    public void Field_names_that_contradict_each_other_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new JsonFormat(new JsonFormatOptions { IdField = "vector" }));
        Assert.Throws<ArgumentException>(() => new JsonFormat(new JsonFormatOptions { TenantField = "" }));
    }
}
