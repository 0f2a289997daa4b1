using System.Buffers;
using System.Text.Json;
using Lookup.Emulator.Partitioning;
using Lookup.Emulator.Storage;

namespace Lookup.Emulator.Operations;

/// <summary>The JSON of one change in the all-versions-and-deletes feed: <c>{"current":{…},"metadata":{…},"previous":{…}}</c>.</summary>
internal static class AllVersionsItem
{
    public static void Write(IBufferWriter<byte> output, Change change, PartitionKeyPath keyPath, bool withPreviousImage)
    {
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        writer.WritePropertyName("current");
        writer.WriteRawValue(change.Kind == ChangeKind.Delete ? "{}"u8 : change.Document.Listed(), skipInputValidation: true);
        WriteMetadata(writer, change, keyPath);
        if (withPreviousImage && change.Previous is { } previous)
        {
            writer.WritePropertyName("previous");
            writer.WriteRawValue(previous.Listed(), skipInputValidation: true);
        }

        writer.WriteEndObject();
    }

    private static void WriteMetadata(Utf8JsonWriter writer, Change change, PartitionKeyPath keyPath)
    {
        writer.WriteStartObject("metadata");
        writer.WriteNumber("lsn", change.Lsn);
        writer.WriteNumber("crts", change.CommittedAt.ToUnixTimeSeconds());
        writer.WriteString("operationType", change.Kind switch
        {
            ChangeKind.Create => "create",
            ChangeKind.Replace => "replace",
            _ => "delete",
        });
        writer.WriteNumber("previousImageLSN", change.Previous?.Lsn ?? 0);
        writer.WriteBoolean("timeToLiveExpired", change.TimeToLiveExpired);
        if (change.Kind == ChangeKind.Delete)
        {
            // Without a previous image, only these members identify the deleted document.
            writer.WriteString("id", change.Document.Key.Id);
            writer.WriteStartObject("partitionKey");
            writer.WritePropertyName(keyPath.LeafName);
            change.Document.Key.PartitionKey.WriteTo(writer);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }
}
