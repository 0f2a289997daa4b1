using System.Buffers;
using System.Text.Json;

namespace Lookup.Emulator.Control;

/// <summary>The number of requests and the sum of request units for each kind of operation, since the start of the endpoint.</summary>
internal sealed class Statistics
{
    private static readonly (string Name, OperationKind[] Kinds)[] Groups =
    [
        ("pointReads", [OperationKind.PointRead]),
        ("queries", [OperationKind.Query]),
        ("queryPlans", [OperationKind.QueryPlan]),
        ("feedPolls", [OperationKind.FeedPoll]),
        ("readFeeds", [OperationKind.ReadFeed]),
        ("writes", [OperationKind.Create, OperationKind.Upsert, OperationKind.Replace, OperationKind.Patch, OperationKind.Delete]),
        ("creates", [OperationKind.Create]),
        ("upserts", [OperationKind.Upsert]),
        ("replaces", [OperationKind.Replace]),
        ("patches", [OperationKind.Patch]),
        ("deletes", [OperationKind.Delete]),
        ("metadata", [OperationKind.Account, OperationKind.Database, OperationKind.Container, OperationKind.Ranges]),
        ("other", [OperationKind.Other]),
    ];

    private readonly long[] _requests = new long[Enum.GetValues<OperationKind>().Length];

    // In hundredths of a request unit, the precision of the charges in responses.
    private readonly long[] _charges = new long[Enum.GetValues<OperationKind>().Length];
    private long _failures;

    public void Count(OperationKind kind) => Interlocked.Increment(ref _requests[(int)kind]);

    public void AddCharge(OperationKind kind, double requestUnits) =>
        Interlocked.Add(ref _charges[(int)kind], (long)Math.Round(requestUnits * 100));

    /// <summary>Counts a response with status 500, which indicates a bug in this endpoint.</summary>
    public void CountFailure() => Interlocked.Increment(ref _failures);

    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("requests", _requests.Sum());
            foreach (var (name, kinds) in Groups) writer.WriteNumber(name, kinds.Sum(kind => _requests[(int)kind]));
            writer.WriteNumber("failures", _failures);
            writer.WriteStartObject("requestUnits");
            writer.WriteNumber("total", _charges.Sum() / 100.0);
            foreach (var (name, kinds) in Groups) writer.WriteNumber(name, kinds.Sum(kind => _charges[(int)kind]) / 100.0);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
