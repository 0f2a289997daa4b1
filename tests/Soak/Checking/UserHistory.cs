namespace Lookup.Soak.Checking;

/// <summary>
/// All versions of one user, including absences after deletes, with the times at which each was sent to the store and acknowledged.
/// A single writer appends; readers take no lock. Version 0 is the absence before the first version.
/// </summary>
internal sealed class UserHistory
{
    public const long Never = long.MaxValue;

    private Entry[] _entries = [new Entry { Acked = long.MinValue, Sent = long.MinValue, IsAbsent = true, Address = -1 }];
    private int _newest;

    /// <summary>Gets the newest version that was sent.</summary>
    public int Newest => Volatile.Read(ref _newest);

    /// <summary>Records that a version is about to be sent.</summary>
    public int Send(long now, bool isAbsent, int address)
    {
        var version = _newest + 1;
        var entries = _entries;
        if (version == entries.Length)
            Array.Resize(ref entries, Math.Max(4, version * 2));
        entries[version] = new Entry { Sent = now, Acked = Never, IsAbsent = isAbsent, Address = address };
        Volatile.Write(ref _entries, entries);
        Volatile.Write(ref _newest, version);
        return version;
    }

    public void Acknowledge(int version, long now) => Volatile.Write(ref _entries[version].Acked, now);

    public bool IsAbsent(int version) => Volatile.Read(ref _entries)[version].IsAbsent;

    public long AcknowledgedAt(int version) => Volatile.Read(ref Volatile.Read(ref _entries)[version].Acked);

    public long SentAt(int version) => Volatile.Read(ref _entries)[version].Sent;

    /// <summary>Returns the e-mail address that the user has in a version, or −1 if the user is absent.</summary>
    public int AddressIn(int version) => Volatile.Read(ref _entries)[version].Address;

    /// <summary>Returns the newest version that was acknowledged by a time.</summary>
    public int AcknowledgedBy(long time)
    {
        var version = Newest;
        while (version > 0 && AcknowledgedAt(version) > time)
            version--;
        return version;
    }

    /// <summary>Returns the last absence from one version to another, or −1 if there is none.</summary>
    public int LastAbsence(int from, int to)
    {
        for (var version = to; version >= Math.Max(0, from); version--)
        {
            if (IsAbsent(version))
                return version;
        }

        return -1;
    }

    /// <summary>Returns the first absence from a version on, or −1 if there is none.</summary>
    public int FirstAbsence(int from)
    {
        for (var version = Math.Max(0, from); version <= Newest; version++)
        {
            if (IsAbsent(version))
                return version;
        }

        return -1;
    }

    private struct Entry
    {
        public long Sent;
        public long Acked;
        public bool IsAbsent;
        public int Address;
    }
}
