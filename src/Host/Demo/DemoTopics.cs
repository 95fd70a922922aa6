namespace GpuCrypt.Host.Demo;

/// <summary>The demo's topics and what is said in its records.</summary>
internal static class DemoTopics
{
    public const string Source = "embeddings";
    public const string Sink = "embeddings-encrypted";
    public const string DeadLetter = "embeddings-dead-letter";
    public const int Partitions = 2;
    public const string Tenant = "demo";
    public const string DerivationPath = "wordnet/words";

    /// <summary>The header with the record's number in decimal; it is also the record's id for its IV.</summary>
    public const string IdHeader = "id";
}
