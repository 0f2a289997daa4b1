namespace Lookup.Emulator.Control;

/// <summary>The operation of a request, by which statistics are grouped and faults are matched.</summary>
internal enum OperationKind
{
    Other,
    Account,
    Database,
    Container,
    Ranges,
    PointRead,
    ReadFeed,
    FeedPoll,
    Query,
    QueryPlan,
    Create,
    Upsert,
    Replace,
    Patch,
    Delete,
}
