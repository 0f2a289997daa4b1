using System.Collections.Concurrent;
using Lookup.Emulator.Partitioning;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Storage;

/// <summary>
/// The documents of one container. Reads of the current state take no lock unless a document has expired; writes lock their physical range.
/// </summary>
internal sealed class DocumentStore(
    string containerResourceId, RangeMap ranges, TimeProvider clock, Func<int?> defaultTimeToLive, TimeToLiveDelay timeToLiveDelay)
{
    private readonly ConcurrentDictionary<DocumentKey, Document> _documents = new();
    private ulong _lastSequence;

    /// <summary>
    /// Reads a document. The position is read before the document. In the opposite order, a write between the two reads would be included in
    /// the position but not in the document, and a client that compares LSNs would keep the old version permanently.
    /// </summary>
    public ReadResult Read(DocumentKey key)
    {
        var range = RangeOf(key);
        var position = range.Position;
        if (!_documents.TryGetValue(key, out var document)) return new ReadResult(null, range, position);
        return new ReadResult(document, range, document.Lsn > position.Lsn ? new RangePosition(range.Id, document.Lsn) : position);
    }

    /// <summary>
    /// Reads a document as of an earlier position of its range, as a replica that lags behind would return it. A replica that lags does not
    /// return an expired document either, because it determines the expiry by the time and not by the deletion.
    /// </summary>
    public ReadResult ReadAsOf(DocumentKey key, PhysicalRange range, RangePosition position)
    {
        lock (range.Gate)
        {
            foreach (var change in range.Log.After(position.Lsn))
            {
                // The first change of this document after the position contains the version that was current at the position.
                if (change.Document.Key != key) continue;
                var previous = change.TimeToLiveExpired || IsExpired(change.Previous) ? null : change.Previous;
                return new ReadResult(previous, range, position);
            }

            _documents.TryGetValue(key, out var document);
            return new ReadResult(document, range, position);
        }
    }

    /// <summary>Hides the expired documents of the range that a document belongs to, and returns the range.</summary>
    public PhysicalRange RangeOf(DocumentKey key)
    {
        var range = ranges.RangeOf(key.PartitionKey.Hash());
        Expire(range);
        return range;
    }

    /// <summary>Returns the matching documents in the order of their creation.</summary>
    public List<Document> Scan(Func<Document, bool> wanted)
    {
        foreach (var range in ranges.Current.Ranges) Expire(range);
        var found = new List<Document>();
        foreach (var (_, document) in _documents)
        {
            if (wanted(document)) found.Add(document);
        }

        found.Sort((left, right) => left.Sequence.CompareTo(right.Sequence));
        return found;
    }

    /// <summary>Writes a document.</summary>
    /// <param name="ifMatch">The ETag that an existing document must have, or <see langword="null"/> or <c>*</c> for any.</param>
    public WriteResult Write(IncomingDocument incoming, WriteMode mode, string? ifMatch) => InRange(incoming.Place, range =>
    {
        _documents.TryGetValue(incoming.Key, out var old);
        if (mode == WriteMode.Create && old is not null) throw CosmosErrorException.Conflict("document", incoming.Key.Id);
        if (mode == WriteMode.Replace && old is null) throw CosmosErrorException.DocumentNotFound();
        CheckETag(ifMatch, old);

        var now = clock.GetUtcNow();
        // The deletion of the expired document precedes the creation of the new one.
        if (range.Pending.TryTake(incoming.Key, out var expired)) CommitDeletion(range, expired, now, expired: true);
        var sequence = old?.Sequence ?? Interlocked.Increment(ref _lastSequence);
        var resourceId = old?.ResourceId ?? ResourceIds.ForDocument(containerResourceId, sequence);
        var etag = SystemProperties.NewETag();
        var composed = SystemProperties.Compose(incoming.Body, resourceId, SelfOf(resourceId), etag, now);
        var document = new Document
        {
            Key = incoming.Key,
            Place = incoming.Place,
            Composed = composed,
            ETag = etag,
            ResourceId = resourceId,
            Lsn = range.NextLsn,
            WrittenAt = now,
            Sequence = sequence,
            TimeToLive = incoming.TimeToLive,
        };
        _documents[incoming.Key] = document;
        old?.Supersede();
        range.Expiries.Add(document, document.ExpiresAt(defaultTimeToLive()));
        range.Commit(new Change(document.Lsn, old is null ? ChangeKind.Create : ChangeKind.Replace, document, old, now));
        return new WriteResult(document, Created: old is null, range.Position);
    });

    public WriteResult Delete(DocumentKey key, string? ifMatch) => InRange(key.PartitionKey.Hash(), range =>
    {
        if (!_documents.TryGetValue(key, out var old)) throw CosmosErrorException.DocumentNotFound();
        CheckETag(ifMatch, old);
        Hide(old);
        CommitDeletion(range, old, clock.GetUtcNow(), expired: false);
        return new WriteResult(old, Created: false, range.Position);
    });

    /// <summary>Hides the expired documents of a range from all readers, and records the deletions that are due in the log.</summary>
    public void Expire(PhysicalRange range)
    {
        if (!IsExpiryDue(range)) return;
        lock (range.Gate)
        {
            if (!range.IsGone) ExpireLocked(range);
        }
    }

    /// <summary>Recomputes the expiry of every document of a range, after a split or a change of the container's default.</summary>
    public void ScheduleExpiries(PhysicalRange range)
    {
        lock (range.Gate)
        {
            range.Expiries.Clear();
            foreach (var (_, document) in _documents)
            {
                if (range.Keys.Contains(document.Place)) range.Expiries.Add(document, document.ExpiresAt(defaultTimeToLive()));
            }
        }
    }

    private static void CheckETag(string? ifMatch, Document? old)
    {
        if (ifMatch is null or "*" || old is null || ifMatch == old.ETag) return;
        // Cosmos DB's own text.
        throw CosmosErrorException.PreconditionFailed("One of the specified pre-condition is not met.");
    }

    private TResult InRange<TResult>(EffectivePartitionKey place, Func<PhysicalRange, TResult> change)
    {
        while (true)
        {
            var range = ranges.RangeOf(place);
            lock (range.Gate)
            {
                // The range was split after it was found and before it was locked. By now the map contains its children instead.
                if (range.IsGone) continue;
                ExpireLocked(range);
                return change(range);
            }
        }
    }

    private void ExpireLocked(PhysicalRange range)
    {
        if (!IsExpiryDue(range)) return;
        var now = clock.GetUtcNow();
        while (range.Expiries.TryTakeExpired(now, out var document, out var expiredAt))
        {
            Hide(document);
            range.Pending.Add(document, expiredAt);
        }

        var delay = timeToLiveDelay.Value;
        while (range.Pending.TryTakeFirst(now - delay, out var document, out var expiredAt))
            CommitDeletion(range, document, expiredAt + delay, expired: true);
    }

    private bool IsExpiryDue(PhysicalRange range) =>
        range.Expiries.IsDue(clock) || range.Pending.IsDue(clock, timeToLiveDelay.Value);

    private bool IsExpired(Document? document) => document?.ExpiresAt(defaultTimeToLive()) <= clock.GetUtcNow();

    private void Hide(Document document)
    {
        _documents.TryRemove(document.Key, out _);
        document.Supersede();
    }

    private static void CommitDeletion(PhysicalRange range, Document document, DateTimeOffset at, bool expired)
    {
        // If the delay was shortened, the time at which the deletion was due can be before changes that are already in the log.
        var committedAt = at > range.Log.LastCommittedAt ? at : range.Log.LastCommittedAt;
        range.Commit(new Change(range.NextLsn, ChangeKind.Delete, document, document, committedAt, expired));
    }

    private string SelfOf(string resourceId) => $"dbs/{DatabaseResourceId}/colls/{containerResourceId}/docs/{resourceId}/";

    private string DatabaseResourceId => containerResourceId.Length >= 6 ? containerResourceId[..6] + "==" : containerResourceId;
}

/// <summary>The unique key of a document in its container. Ids are unique only within a partition key.</summary>
internal readonly record struct DocumentKey(PartitionKeyValue PartitionKey, string Id);

/// <summary>Specifies whether a write creates or replaces a document.</summary>
internal enum WriteMode
{
    /// <summary>Creates a document; fails with 409 if it exists.</summary>
    Create,

    /// <summary>Replaces a document; fails with 404 if it does not exist.</summary>
    Replace,

    /// <summary>Creates or replaces a document.</summary>
    Upsert,
}

/// <summary>The result of a read.</summary>
/// <param name="Document">The document, or <see langword="null"/> if it does not exist.</param>
/// <param name="Range">The physical range that was read.</param>
/// <param name="Position">A position of the range: the result reflects every write up to it.</param>
internal readonly record struct ReadResult(Document? Document, PhysicalRange Range, RangePosition Position);

/// <summary>The result of a write.</summary>
/// <param name="Document">The version that was written or, for a deletion, the version that was deleted.</param>
/// <param name="Position">The position of the physical range after this write.</param>
internal readonly record struct WriteResult(Document Document, bool Created, RangePosition Position);
