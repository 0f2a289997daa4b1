using System.Net;
using System.Text.Json;
using Lookup.Domain.Feed;
using Lookup.Domain.Stores;
using Lookup.Functions.Cosmos.Documents;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos.Feed;

/// <summary>Reads the change feed of a Cosmos DB container by pull, each feed range by itself.</summary>
/// <remarks>
/// If a range splits, the SDK follows it inside one continuation, with a part for each child. Each part becomes a position of its own,
/// because the SDK reports "no more changes" for the whole if the first part has none and another one fails: see <see cref="FeedResponses"/>.
/// </remarks>
internal sealed class CosmosChangeFeed(CosmosConnection connection, DocumentShape shape, FeedMode mode) : IChangeFeed
{
    /// <summary>A position from which nothing was read yet: this, and then the feed range. A continuation begins with a brace.</summary>
    private const string FromNow = "now:";

    private const int PageSize = 1000;

    private readonly ChangeReader _reader = new(shape, mode);
    private readonly ChangeFeedMode _mode = mode == FeedMode.LatestVersion
        ? ChangeFeedMode.LatestVersion
        : ChangeFeedMode.AllVersionsAndDeletes;

    public async ValueTask<IReadOnlyList<FeedPosition>> StartAsync(CancellationToken cancellationToken)
    {
        var generation = connection.Generation;
        var ranges = await CosmosCall.RunAsync(connection.Users.GetFeedRangesAsync, cancellationToken);
        return
        [
            .. ranges
                .Select(range => range.ToJsonString())
                .Select(json => new FeedPosition(FeedRangeName.Of(json), FromNow + json, generation)),
        ];
    }

    public async ValueTask<FeedPage> ReadAsync(FeedPosition position, CancellationToken cancellationToken)
    {
        var token = position.Token;
        var isStart = token.StartsWith(FromNow, StringComparison.Ordinal);
        if (!isStart && !token.StartsWith('{'))
            throw new FeedGapException("The position is none that this feed gave; begin again with StartAsync.");

        var from = isStart
            ? ChangeFeedStartFrom.Now(FeedRange.FromJsonString(token[FromNow.Length..]))
            : ChangeFeedStartFrom.ContinuationToken(token);

        var heard = new FeedResponses.Heard();
        using var pages = connection.Users.GetChangeFeedStreamIterator(from, _mode, heard.Options(PageSize));
        using var response = await CosmosCall.RunAsync(pages.ReadNextAsync, cancellationToken);

        // Asked after the answer: it may be this very answer that gave the new container away.
        if (connection.Generation != position.Log)
            throw new FeedGapException("The container was deleted and made anew: its change feed is another one.") { IsAnotherFeed = true };
        if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.NotModified))
            throw Explain(response, isStart);
        if (response.ContinuationToken is not { Length: > 0 } continuation)
            throw new FeedGapException("The change feed answered without saying where to read on.");

        if (!FeedContinuation.TrySplit(continuation, out var parts))
            throw new UserStoreException(UserStoreFailure.Unavailable, "The SDK gave a continuation of a form that is not known, so the change feed cannot be followed.");

        FeedPosition[] next = [.. parts.Select(part => position with { Range = parts.Count == 1 ? position.Range : part.Name, Token = part.Token })];
        var charge = response.Headers.RequestCharge;
        if (response.StatusCode == HttpStatusCode.NotModified)
            return new FeedPage([], next, next.Length == 1 && heard.IsNotModified, 0, charge);

        var (changes, unreadable) = Read(response);

        // "Now" is settled by the first answer, and only "no more changes" says that it is behind the reader. Of several parts only
        // one has answered.
        return new FeedPage(changes, next, !isStart && next.Length == 1 && heard.IsReachedBy(continuation), unreadable, charge);
    }

    private (IReadOnlyList<UserChange> Changes, int Unreadable) Read(ResponseMessage response)
    {
        IReadOnlyList<ReadOnlyMemory<byte>> items;
        try
        {
            items = FeedBody.Documents(ResponseContent.Of(response));
        }
        catch (JsonException e)
        {
            // Nothing was taken from it, so the same position can be asked again.
            throw new UserStoreException(UserStoreFailure.Unavailable, "The change feed answered with a page that cannot be read.", e);
        }

        var changes = new List<UserChange>(items.Count);
        var unreadable = 0;
        foreach (var item in items)
        {
            try
            {
                if (_reader.TryRead(item.Span, out var change))
                    changes.Add(change);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                unreadable++;
            }
        }

        return (changes, unreadable);
    }

    private static Exception Explain(ResponseMessage response, bool isStart)
    {
        var failure = CosmosCall.Explain(response);
        if (isStart)
            return failure; // nothing was followed yet, so there is nothing to lose

        var subStatus = CosmosCall.SubStatusOf(response);
        var isLost = response.StatusCode switch
        {
            HttpStatusCode.BadRequest or HttpStatusCode.PreconditionFailed => true,
            HttpStatusCode.NotFound => subStatus != CosmosCall.SessionNotAvailable,

            // Substatus 1002, 1007 and 1008: the range is splitting or moving, and will answer again.
            HttpStatusCode.Gone => subStatus is not (1002 or 1007 or 1008),
            _ => false,
        };
        return isLost ? new FeedGapException($"A continuation of the change feed was rejected. {failure.Message}", failure) : failure;
    }
}
