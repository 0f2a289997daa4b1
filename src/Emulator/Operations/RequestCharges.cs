namespace Lookup.Emulator.Operations;

/// <summary>
/// Request units in the documented shape: a point read of 1 KB costs 1 RU and one of 100 KB about 10, writes five times
/// as much, queries by what they read and return (docs: "Request Units in Azure Cosmos DB"). Not measured against the service.
/// </summary>
internal sealed class RequestCharges(double emptyFeedPoll)
{
    private const double Kilobyte = 1024;
    private const double ReadPerFurtherKilobyte = 9.0 / 99;
    private const double CreateFactor = 5.5;
    private const double ReplaceFactor = 10;
    private const double QueryBase = 2.3;
    private const double QueryPerDocument = 0.03;

    public static double PointRead(int bytes) => 1 + Math.Max(0, bytes / Kilobyte - 1) * ReadPerFurtherKilobyte;

    public static double Write(int bytes, bool created) => PointRead(bytes) * (created ? CreateFactor : ReplaceFactor);

    public static double Delete(int bytes) => PointRead(bytes) * CreateFactor;

    public static double Query(int documents, int bytes) => QueryBase + documents * QueryPerDocument + bytes / Kilobyte * 0.1;

    /// <summary>What an empty poll costs is not documented, so it is a setting; changes cost what reading them costs.</summary>
    public double FeedPoll(int bytes) => bytes == 0 ? emptyFeedPoll : PointRead(bytes);
}
