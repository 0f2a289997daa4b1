using System.Collections.Concurrent;
using Lookup.Emulator.Partitioning;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Storage;

/// <summary>The documents of one container. Reads take no lock; writes lock the physical range that they go to.</summary>
internal sealed class DocumentStore(string containerResourceId, RangeMap ranges, TimeProvider clock, Func<int?> defaultTimeToLive)
{
    private readonly ConcurrentDictionary<DocumentKey, Document> _documents = new();
    private ulong _lastSequence;

    /// <summary>
    /// Reads the position before the document. The other way round a write in between would be reported as seen although
    /// the document is from before it, and a client that compares LSNs would keep the old version for good.
    /// </summary>
    public ReadResult Read(DocumentKey key)
    {
        var range = RangeOf(key);
        var position = range.Position;
        if (!_documents.TryGetValue(key, out var document)) return new ReadResult(null, range, position);
        return new ReadResult(document, range, document.Lsn > position.Lsn ? new RangePosition(range.Id, document.Lsn) : position);
    }

    /// <summary>The document as it was at an earlier position of its range: what a replica that lags behind would answer.</summary>
    public ReadResult ReadAsOf(DocumentKey key, PhysicalRange range, RangePosition position)
    {
        lock (range.Gate)
        {
            foreach (var change in range.Log.After(position.Lsn))
            {
                // The first change after the position knows what was there before it.
                if (change.Document.Key == key) return new ReadResult(change.Previous, range, position);
            }

            _documents.TryGetValue(key, out var document);
            return new ReadResult(document, range, position);
        }
    }

    /// <summary>The range that a document belongs to, with what has expired there removed.</summary>
    public PhysicalRange RangeOf(DocumentKey key)
    {
        var range = ranges.RangeOf(key.PartitionKey.Hash());
        Expire(range);
        return range;
    }

    /// <summary>The documents in the order of their creation.</summary>
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
    /// <param name="ifMatch">The ETag that an existing document must have; null or <c>*</c> for any.</param>
    public WriteResult Write(IncomingDocument incoming, WriteMode mode, string? ifMatch) => InRange(incoming.Place, range =>
    {
        _documents.TryGetValue(incoming.Key, out var old);
        if (mode == WriteMode.Create && old is not null) throw CosmosErrorException.Conflict("document", incoming.Key.Id);
        if (mode == WriteMode.Replace && old is null) throw CosmosErrorException.DocumentNotFound();
        CheckETag(ifMatch, old);

        var now = clock.GetUtcNow();
        var sequence = old?.Sequence ?? Interlocked.Increment(ref _lastSequence);
        var resourceId = old?.ResourceId ?? ResourceIds.ForDocument(containerResourceId, sequence);
        var etag = SystemProperties.NewETag();
        var document = new Document
        {
            Key = incoming.Key,
            Place = incoming.Place,
            Json = SystemProperties.Compose(incoming.Body, resourceId, SelfOf(resourceId), etag, now),
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
        Remove(range, old, clock.GetUtcNow(), expired: false);
        return new WriteResult(old, Created: false, range.Position);
    });

    /// <summary>Deletes what has expired by now, so that no reader sees it and the log says so.</summary>
    public void Expire(PhysicalRange range)
    {
        if (!range.Expiries.IsDue(clock)) return;
        lock (range.Gate)
        {
            if (!range.IsGone) ExpireLocked(range);
        }
    }

    /// <summary>Computes every expiry anew: after a split, or when the container's default changed.</summary>
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
        throw CosmosErrorException.PreconditionFailed("One of the specified pre-condition is not met.");
    }

    private TResult InRange<TResult>(EffectivePartitionKey place, Func<PhysicalRange, TResult> change)
    {
        while (true)
        {
            var range = ranges.RangeOf(place);
            lock (range.Gate)
            {
                // Split between finding it and locking it: the map names a child by now.
                if (range.IsGone) continue;
                ExpireLocked(range);
                return change(range);
            }
        }
    }

    private void ExpireLocked(PhysicalRange range)
    {
        if (!range.Expiries.IsDue(clock)) return;
        var now = clock.GetUtcNow();
        while (range.Expiries.TryTakeExpired(now, out var document, out var expiredAt)) Remove(range, document, expiredAt, expired: true);
    }

    private void Remove(PhysicalRange range, Document document, DateTimeOffset at, bool expired)
    {
        _documents.TryRemove(document.Key, out _);
        document.Supersede();
        range.Commit(new Change(range.NextLsn, ChangeKind.Delete, document, document, at, expired));
    }

    private string SelfOf(string resourceId) => $"dbs/{DatabaseResourceId}/colls/{containerResourceId}/docs/{resourceId}/";

    private string DatabaseResourceId => containerResourceId.Length >= 6 ? containerResourceId[..6] + "==" : containerResourceId;
}

/// <summary>What makes a document unique in its container: ids are unique for one partition key only.</summary>
internal readonly record struct DocumentKey(PartitionKeyValue PartitionKey, string Id);

internal enum WriteMode
{
    /// <summary>409 when the document exists.</summary>
    Create,

    /// <summary>404 when the document does not exist.</summary>
    Replace,

    Upsert,
}

/// <param name="Document">Null when there is none.</param>
/// <param name="Range">The physical range that answered.</param>
/// <param name="Position">A state of the range that <paramref name="Document"/> is at least as new as.</param>
internal readonly record struct ReadResult(Document? Document, PhysicalRange Range, RangePosition Position);

/// <param name="Document">The version that was written or, by a deletion, deleted.</param>
/// <param name="Position">Where the physical range stands with this write.</param>
internal readonly record struct WriteResult(Document Document, bool Created, RangePosition Position);
