namespace GpuCrypt.Ingest.Kafka;

/// <summary>librdkafka, the native client library below Confluent.Kafka, is absent or too old. The message says which package to install.</summary>
public sealed class KafkaLibraryMissingException : Exception
{
    /// <summary>Creates the exception with a message for the operator.</summary>
    public KafkaLibraryMissingException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message for the operator and what the loader said.</summary>
    public KafkaLibraryMissingException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>Creates the exception with its general message.</summary>
    public KafkaLibraryMissingException()
        : base("librdkafka could not be loaded.")
    {
    }
}
