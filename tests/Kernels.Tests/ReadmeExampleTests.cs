using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Kernels.Tests;

/// <summary>The example of README.md, compiled and run; a test keeps the two the same.</summary>
public class ReadmeExampleTests
{
    [Fact]
    public void The_example_does_what_it_says()
    {
        byte[] secret = RandomNumberGenerator.GetBytes(32);
        float[] embedding = [0.12f, -0.53f, 0.81f, 0.04f], queryEmbedding = [0.11f, -0.5f, 0.83f, 0.02f];

        // README begins
        using VectorKey key = VectorKey.Derive(
            secretId: 1, secret, tenant: "acme", derivationPath: "documents", approximationFactor: 1f, scaling: false);
        using var cipher = new VectorCipher(key);

        EncryptedVector stored = cipher.Encrypt(embedding);             // to the vector index, with 54 bytes of metadata beside it
        float[] query = cipher.EncryptQuery(queryEmbedding);            // to search the index with
        float[] back = cipher.Decrypt(stored.Cipher, stored.Metadata);  // checks the tag first
        // README ends

        Assert.Equal(embedding.Length, stored.Cipher.Length);
        Assert.Equal(54, stored.Metadata.Length);
        Assert.Equal(embedding.Length, query.Length);
        Assert.NotEqual(embedding, stored.Cipher);
        Assert.NotEqual(queryEmbedding, query);
        for (int i = 0; i < embedding.Length; i++)
            Assert.InRange(back[i] - embedding[i], -1e-6f, 1e-6f);
    }

    [Fact]
    public void The_example_is_the_one_in_the_readme()
    {
        string[] here = Between(File.ReadAllLines(ThisFile()), "// README begins", "// README ends");
        string readme = Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "README.md");
        string[] there = Between(File.ReadAllLines(readme), "```csharp", "```");
        Assert.Equal(here.Select(Trim), there.Where(l => !l.StartsWith("using GpuCrypt", StringComparison.Ordinal)).SkipWhile(string.IsNullOrWhiteSpace));

        static string Trim(string line) => line.Length > 8 ? line[8..] : line.Trim();
    }

    private static string[] Between(string[] lines, string first, string last) =>
        [.. lines.SkipWhile(l => l.Trim() != first).Skip(1).TakeWhile(l => l.Trim() != last)];

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
