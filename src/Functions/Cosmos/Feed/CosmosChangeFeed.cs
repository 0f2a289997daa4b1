using System.Net;
using System.Text.Json;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;
using Lookup.Functions.Cosmos.Documents;
using Lookup.Functions.Cosmos.Partitioning;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos.Feed;

/// <summary>The change feed of a Cosmos DB container, which is polled separately for each feed range.</summary>
/// <remarks>
/// If a range splits, the SDK uses one continuation with a part for each child range. Here, each part becomes a separate position, because
/// the SDK reports "no more changes" for all parts if the first one has none and another one fails: see <see cref="PollResponses"/>.
/// </remarks>
/// <param name="connection">The connection.</param>
/// <param name="shape">The shape of the documents.</param>
/// <param name="mode">The mode of the feed.</param>
/// <param name="continuesOthers">A value that indicates whether positions of other instances can be continued.</param>
internal sealed class CosmosChangeFeed(CosmosConnection connection, DocumentShape shape, FeedMode mode, bool continuesOthers = false) : IChangeFeed
{
    /// <summary>
    /// The prefix of a position from which nothing has been read yet; the feed range follows it. A continuation begins with a brace
    /// instead.
    /// </summary>
    private const string FromNow = "now:";

    /// <summary>The prefix of a position of another instance from which nothing has been read yet; the continuation follows it.</summary>
    private const string Resumed = "resumed:";

    private const int PageSize = 1000;

    private readonly ChangeReader _reader = new(shape, mode);
    private readonly ResponsePartitions _partitions = new();
    private readonly ChangeFeedMode _mode = mode == FeedMode.LatestVersion
        ? ChangeFeedMode.LatestVersion
        : ChangeFeedMode.AllVersionsAndDeletes;

    public async ValueTask<FeedStart> StartAsync(CancellationToken cancellationToken)
    {
        var generation = connection.Generation;
        var users = connection.Users;
        if (continuesOthers && connection.Check is { } check)
            await check.RunAsync().WaitAsync(cancellationToken);
        var isHashKnown = await IsHashKnownAsync(users, cancellationToken);
        var feedRanges = await CosmosCall.RunAsync(users.GetFeedRangesAsync, cancellationToken);
        string[] ranges = [.. feedRanges.Select(range => range.ToJsonString())];
        return new FeedStart(
            [.. ranges.Select(json => new FeedPosition(FeedRangeName.For(json), FromNow + json, generation))],
            isHashKnown ? HashPartitioner.TryCreate(ranges) : null)
        {
            Source = continuesOthers && connection.DefinitionOf(generation) is { } definition ? $"{definition}/{mode}" : null,
        };
    }

    /// <inheritdoc/>
    public FeedPosition? TryResume(FeedPosition start, string token) =>
        start.Token.StartsWith(FromNow, StringComparison.Ordinal) && FeedContinuation.IsOf(token, start.Token[FromNow.Length..])
            ? start with { Token = Resumed + token }
            : null;

    public async ValueTask<FeedPage> ReadAsync(FeedPosition position, CancellationToken cancellationToken)
    {
        var token = position.Token;
        var isStart = token.StartsWith(FromNow, StringComparison.Ordinal);
        var isResumed = token.StartsWith(Resumed, StringComparison.Ordinal);
        if (isResumed)
            token = token[Resumed.Length..];
        if (!isStart && !token.StartsWith('{'))
            throw new FeedGapException("The position was not issued by this feed. Call StartAsync to start over.");

        var from = isStart
            ? ChangeFeedStartFrom.Now(FeedRange.FromJsonString(token[FromNow.Length..]))
            : ChangeFeedStartFrom.ContinuationToken(token);

        var responses = new PollResponses(_partitions, position.Log);
        using var pages = connection.Users.GetChangeFeedStreamIterator(from, _mode, responses.Options(PageSize));
        using var response = await CosmosCall.RunAsync(pages.ReadNextAsync, cancellationToken);

        if (isResumed)
            await CheckContainerAsync(cancellationToken);

        // Checked after the response, because this response might be the one that revealed the new container.
        if (connection.Generation != position.Log)
            throw new FeedGapException("The container was deleted and recreated, and has a new change feed.") { IsContainerRecreated = true };
        if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.NotModified))
            throw Explain(response, isStart);
        if (response.ContinuationToken is not { Length: > 0 } continuation)
            throw new FeedGapException("The response of the change feed does not contain a continuation.");

        if (!FeedContinuation.TrySplit(continuation, out var parts))
        {
            throw new UserStoreException(
                UserStoreFailure.Unavailable, "The SDK returned a continuation in an unknown format, so the change feed cannot be followed.");
        }

        FeedPosition[] next = [.. parts.Select(part => position with { Range = parts.Count == 1 ? position.Range : part.Name, Token = part.Token })];
        var charge = response.Headers.RequestCharge;
        if (response.StatusCode == HttpStatusCode.NotModified)
            return new FeedPage([], next, next.Length == 1 && responses.IsNotModified, 0, charge) { Position = responses.PositionOf(response) };

        var at = responses.PositionOf(response);
        var (changes, unreadable) = Read(response, at, connection.TimeOf(responses.Date));

        // The first response determines the position of "now", and only "no more changes" indicates that the reader has passed it. If
        // there are several parts, only one of them has responded.
        return new FeedPage(changes, next, !isStart && next.Length == 1 && responses.IsReachedBy(continuation), unreadable, charge) { Position = at };
    }

    /// <summary>
    /// Reads the container's definition again, after the first page from a position of another instance. If the container was recreated after the
    /// definition was read before, that was a page of the new container from a position of the old one, and changes would be missed.
    /// </summary>
    private async Task CheckContainerAsync(CancellationToken cancellationToken)
    {
        if (connection.Check is not { } check || await check.ReadAgainAsync().WaitAsync(cancellationToken) is null)
        {
            throw new UserStoreException(
                UserStoreFailure.Unavailable, "The definition of the container cannot be read, so it is not known whether the position of another instance belongs to it.");
        }
    }

    /// <summary>Determines whether the container hashes partition keys as <see cref="HashPartitioner"/> does.</summary>
    private static async Task<bool> IsHashKnownAsync(Container users, CancellationToken cancellationToken)
    {
        try
        {
            var definition = await CosmosCall.RunAsync(token => users.ReadContainerAsync(cancellationToken: token), cancellationToken);
            return definition.Resource.PartitionKeyDefinitionVersion == PartitionKeyDefinitionVersion.V2;
        }
        catch (UserStoreException e) when (e.Failure == UserStoreFailure.Refused)
        {
            return false; // a container whose definition must not be read is followed as a whole
        }
    }

    private (IReadOnlyList<UserChange> Changes, int Unreadable) Read(
        ResponseMessage response, LogPosition at, DateTimeOffset respondedAt)
    {
        IReadOnlyList<ReadOnlyMemory<byte>> items;
        try
        {
            // A copy, because the documents are parsed when the page is applied, and the response is disposed of by then.
            items = FeedBody.Documents(ResponseContent.GetBytes(response).ToArray());
        }
        catch (JsonException e)
        {
            // No change was applied, so the same position can be read again.
            throw new UserStoreException(UserStoreFailure.Unavailable, "The change feed returned a page that cannot be parsed.", e);
        }

        var changes = new List<UserChange>(items.Count);
        var unreadable = 0;
        foreach (var item in items)
        {
            try
            {
                if (_reader.TryRead(item, connection.Expiry.WithoutConclusion, respondedAt, out var change))
                    changes.Add(change.At(at));
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
            return failure; // nothing has been followed yet, so no change can be missed

        var subStatus = CosmosCall.SubStatusOf(response);
        var isLost = response.StatusCode switch
        {
            HttpStatusCode.BadRequest or HttpStatusCode.PreconditionFailed => true,
            HttpStatusCode.NotFound => subStatus != CosmosCall.SessionNotAvailable,

            // Substatus 1002, 1007 and 1008: the range is splitting or moving, and will be available again.
            HttpStatusCode.Gone => subStatus is not (1002 or 1007 or 1008),
            _ => false,
        };
        return isLost ? new FeedGapException($"A continuation of the change feed was rejected. {failure.Message}", failure) : failure;
    }
}
