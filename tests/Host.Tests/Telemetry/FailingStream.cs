using System.Text;

namespace GpuCrypt.Host.Tests.Telemetry;

/// <summary>A disk that fills up: a write takes what still fits and then fails.</summary>
internal sealed class FailingStream : MemoryStream
{
    /// <summary>How many more bytes fit; null for any number.</summary>
    public int? FailAfter { get; set; }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (FailAfter is not { } left || buffer.Length <= left)
        {
            base.Write(buffer);
            return;
        }

        base.Write(buffer[..left]);
        throw new IOException("No space left on device");
    }

    public string[] Lines() => Encoding.UTF8.GetString(ToArray()).Split('\n');
}
