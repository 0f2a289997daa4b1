namespace Lookup.Emulator.Wire;

/// <summary>The names of the headers that the protocol adds to those of HTTP.</summary>
internal static class HeaderNames
{
    // In requests and responses.
    public const string ActivityId = "x-ms-activity-id";
    public const string Continuation = "x-ms-continuation";
    public const string PartitionKeyRangeId = "x-ms-documentdb-partitionkeyrangeid";
    public const string SessionToken = "x-ms-session-token";

    // In requests.
    public const string AcceptedManipulations = "A-IM";
    public const string Date = "x-ms-date";
    public const string EndKey = "x-ms-end-epk";
    public const string IsBatch = "x-ms-cosmos-is-batch-request";
    public const string IsQuery = "x-ms-documentdb-isquery";
    public const string IsQueryPlan = "x-ms-cosmos-is-query-plan-request";
    public const string IsUpsert = "x-ms-documentdb-is-upsert";
    public const string MaxItemCount = "x-ms-max-item-count";
    public const string OfferThroughput = "x-ms-offer-throughput";
    public const string PartitionKey = "x-ms-documentdb-partitionkey";
    public const string Prefer = "Prefer";
    public const string StartKey = "x-ms-start-epk";

    // In responses.
    public const string AltContentPath = "x-ms-alt-content-path";
    public const string ContentPath = "x-ms-content-path";
    public const string GatewayVersion = "x-ms-gatewayversion";
    public const string ItemCount = "x-ms-item-count";
    public const string ItemLocalLsn = "x-ms-cosmos-item-llsn";
    public const string ItemLsn = "x-ms-item-lsn";
    public const string LocalLsn = "x-ms-cosmos-llsn";
    public const string Lsn = "lsn";
    public const string RequestCharge = "x-ms-request-charge";
    public const string RetryAfterMilliseconds = "x-ms-retry-after-ms";
    public const string SubStatus = "x-ms-substatus";
}
