using System.Globalization;
using Lookup.Domain.Users;

namespace Lookup.Simulation.World;

/// <summary>All versions of one user.</summary>
internal sealed class UserHistory
{
    private readonly List<UserVersion> _versions = [new(0, 0, long.MinValue / 4, null, null, -1)];

    public UserHistory(int number)
    {
        Number = number;
        Key = UserKey.Create(string.Create(CultureInfo.InvariantCulture, $"u{number}"));
    }

    public int Number { get; }

    public UserKey Key { get; }

    public UserVersion Newest => _versions[^1];

    public UserVersion this[int index] => _versions[index];

    public UserVersion Add(long lsn, long committed, int alternate, AlternateKey? key, int bodyBytes)
    {
        var index = _versions.Count;
        var etag = string.Create(CultureInfo.InvariantCulture, $"\"{Number}.{index}\"");
        IReadOnlyList<AlternateKey> keys = key is { } one ? [one] : [];
        var written = DateTimeOffset.UnixEpoch.AddTicks(committed);
        var version = new UserVersion(
            index,
            lsn,
            committed,
            new UserDocument(new byte[bodyBytes], etag, lsn, written, keys),
            new UserDocument(new byte[bodyBytes], etag, 0, written, keys),
            alternate);
        _versions.Add(version);
        return version;
    }

    public UserVersion Delete(long lsn, long committed)
    {
        var version = new UserVersion(_versions.Count, lsn, committed, null, null, -1);
        _versions.Add(version);
        return version;
    }

    /// <summary>Returns the version in a replica that has applied the log up to the given LSN.</summary>
    public UserVersion At(long lsn)
    {
        var i = _versions.Count - 1;
        while (_versions[i].Lsn > lsn)
            i--;
        return _versions[i];
    }

    /// <summary>Returns the last version that was committed at the given time.</summary>
    public UserVersion CommittedBy(long time)
    {
        var i = _versions.Count - 1;
        while (_versions[i].Committed > time)
            i--;
        return _versions[i];
    }

    /// <summary>Returns the index of the last absence in a range of versions, or −1 if there is none.</summary>
    public int LastAbsence(int from, int to)
    {
        for (var i = to; i >= from; i--)
        {
            if (_versions[i].IsAbsent)
                return i;
        }

        return -1;
    }

    /// <summary>Returns the index of the first absence from the given index on, or −1 if there is none.</summary>
    public int FirstAbsence(int from)
    {
        for (var i = from; i < _versions.Count; i++)
        {
            if (_versions[i].IsAbsent)
                return i;
        }

        return -1;
    }

    public static int IndexOf(UserDocument document)
    {
        var text = document.ETag.AsSpan(1, document.ETag.Length - 2);
        return int.Parse(text[(text.IndexOf('.') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture);
    }
}

/// <summary>One version of one user, or its absence: before it was created and after each delete.</summary>
/// <param name="Index">The index among the versions of the user; 0 is the initial absence.</param>
/// <param name="Lsn">The log sequence number of the change that created it.</param>
/// <param name="Committed">The true time of that change.</param>
/// <param name="Document">The document, or <see langword="null"/> if the user does not exist.</param>
/// <param name="WithoutLsn">The document of a store that does not return LSNs.</param>
/// <param name="Alternate">The number of its alternate key, or −1 if it has none.</param>
internal sealed record UserVersion(
    int Index,
    long Lsn,
    long Committed,
    UserDocument? Document,
    UserDocument? WithoutLsn,
    int Alternate)
{
    public bool IsAbsent => Document is null;
}
