namespace Lookup.Emulator.Operations;

/// <summary>
/// The request charges, in the documented shape (docs: "Request Units in Azure Cosmos DB"). A point read costs 1 RU for 1 KB and about 10 RU
/// for 100 KB, a creation or deletion 5.5 times and a replacement 10 times as much. The charge of a query depends on the number and the size
/// of its results. The numbers were not compared with Cosmos DB.
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

    /// <summary>
    /// Returns the charge of a feed poll. An empty poll has a configured charge; changes cost as much as a read of the same size.
    /// </summary>
    public double FeedPoll(int bytes) => bytes == 0 ? emptyFeedPoll : PointRead(bytes);
}
