namespace Lookup.Emulator.Control;

/// <summary>What a request does; statistics are kept and faults are chosen by it.</summary>
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
