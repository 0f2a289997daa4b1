using System.Buffers.Binary;
using System.IO.Hashing;
using Lookup.Domain.Users;

namespace Lookup.Domain.SharedTier;

/// <summary>
/// The binary format of a <see cref="SharedEntry"/>: a version, a checksum (XxHash128) of everything after it, and the fields. Numbers are
/// little-endian. A text is its length in UTF-16 code units and these units, which keeps every text as it is.
/// </summary>
/// <remarks>The checksum detects damage, not forgery; an adapter that seals values does that.</remarks>
internal static class SharedEntryFormat
{
    /// <summary>The maximum length of a value, in bytes. memcached accepts less than 1 MiB, including the key.</summary>
    public const int MaxBytes = 1_000_000;

    /// <summary>The version of the format. It is also part of the tier key, so that instances of different versions do not share entries.</summary>
    public const byte Version = 1;

    private const int ChecksumAt = 1;
    private const int FieldsAt = ChecksumAt + 16;
    private const byte IsUser = 1;
    private const byte HasEnd = 2;
    private const int MaxAlternateKeys = 1024;

    /// <summary>Returns the value of an entry, or <see langword="null"/> if it would be too long.</summary>
    public static byte[]? Write(SharedEntry entry)
    {
        var document = entry.Document;
        var length = FieldsAt + 1 + (5 * sizeof(long)) + SizeOf(entry.Source) + SizeOf(entry.PartitionId) + SizeOf(entry.User.Id) + SizeOf(entry.User.PartitionKey);
        if (document is not null)
        {
            length += (2 * sizeof(int)) + sizeof(long) + SizeOf(document.ETag) + document.AlternateKeys.Sum(key => SizeOf(key.Path) + SizeOf(key.Value));
            if (document.AlternateKeys.Count > MaxAlternateKeys || document.Body.Length > MaxBytes)
                return null;
            length += document.Body.Length;
        }

        if (length > MaxBytes)
            return null;

        var value = new byte[length];
        var writer = new Writer(value.AsSpan(FieldsAt));
        writer.Write((byte)((document is null ? 0 : IsUser) | (entry.EndsAt is null ? 0 : HasEnd)));
        writer.Write(entry.Source);
        writer.Write(entry.PartitionId);
        writer.Write(entry.PartitionVersion);
        writer.Write(entry.User.Id);
        writer.Write(entry.User.PartitionKey);
        writer.Write(entry.VersionLsn);
        writer.Write(entry.AsOfLsn);
        writer.Write(entry.ReadAt.Ticks);
        writer.Write(entry.EndsAt?.Ticks ?? 0);
        if (document is not null)
        {
            writer.Write(document.LastModified.ToUnixTimeSeconds());
            writer.Write(document.ETag);
            writer.Write(document.AlternateKeys.Count);
            foreach (var key in document.AlternateKeys)
            {
                writer.Write(key.Path);
                writer.Write(key.Value);
            }

            writer.Write(document.Body.Span);
        }

        value[0] = Version;
        XxHash128.Hash(value.AsSpan(FieldsAt), value.AsSpan(ChecksumAt));
        return value;
    }

    /// <summary>Reads a value. It never throws, whatever the value is.</summary>
    /// <param name="value">The value.</param>
    /// <param name="source">The log and the document shape of the instance.</param>
    /// <param name="user">The user that was asked for.</param>
    /// <param name="entry">The entry, if the result is <see cref="SharedEntryProblem.None"/>.</param>
    public static SharedEntryProblem TryRead(ReadOnlySpan<byte> value, string source, in UserKey user, out SharedEntry? entry)
    {
        entry = null;
        if (value.Length > MaxBytes)
            return SharedEntryProblem.TooLong;
        if (value.Length <= FieldsAt)
            return SharedEntryProblem.Damaged;
        if (value[0] != Version)
            return SharedEntryProblem.OtherFormat;

        Span<byte> checksum = stackalloc byte[16];
        XxHash128.Hash(value[FieldsAt..], checksum);
        if (!checksum.SequenceEqual(value[ChecksumAt..FieldsAt]))
            return SharedEntryProblem.Damaged;

        // The checksum also matches for a value that another program has written with it, so every field is still checked.
        var reader = new Reader(value[FieldsAt..]);
        var flags = reader.Byte();
        var entrySource = reader.Text();
        var partitionId = reader.Text();
        var partitionVersion = reader.Long();
        var id = reader.Text();
        var partitionKey = reader.Text();
        var (versionLsn, asOfLsn, readAt, endsAt) = (reader.Long(), reader.Long(), reader.Long(), reader.Long());
        var document = (flags & IsUser) != 0 ? ReadDocument(ref reader, versionLsn) : null;
        var isValid = reader.IsAtEnd && flags <= (IsUser | HasEnd) && versionLsn > 0 && asOfLsn > 0 && IsTime(readAt) && IsTime(endsAt)
            && ((flags & HasEnd) != 0 || endsAt == 0);
        if (!isValid)
            return SharedEntryProblem.Damaged;
        if (entrySource != source)
            return SharedEntryProblem.OtherSource;
        if (id != user.Id || partitionKey != user.PartitionKey)
            return SharedEntryProblem.OtherUser;

        entry = new SharedEntry(source, partitionId, partitionVersion, user, versionLsn, asOfLsn, new DateTime(readAt, DateTimeKind.Utc))
        {
            Document = document,
            EndsAt = (flags & HasEnd) != 0 ? new DateTime(endsAt, DateTimeKind.Utc) : null,
        };
        return SharedEntryProblem.None;
    }

    private static UserDocument? ReadDocument(ref Reader reader, long lsn)
    {
        var lastModified = reader.Long();
        var etag = reader.Text();
        var count = reader.Int();
        if (reader.HasFailed || count is < 0 or > MaxAlternateKeys || lastModified is < 0 or > uint.MaxValue)
        {
            reader.Fail();
            return null;
        }

        var keys = count == 0 ? [] : new AlternateKey[count];
        for (var i = 0; i < count && !reader.HasFailed; i++)
            keys[i] = new AlternateKey(reader.Text(), reader.Text());
        var body = reader.Bytes();
        return reader.HasFailed ? null : new UserDocument(body, etag, lsn, DateTimeOffset.FromUnixTimeSeconds(lastModified), keys);
    }

    private static bool IsTime(long ticks) => ticks >= 0 && ticks <= DateTime.MaxValue.Ticks;

    private static int SizeOf(string text) => sizeof(int) + (2 * text.Length);

    private ref struct Writer(Span<byte> left)
    {
        private Span<byte> _left = left;

        public void Write(byte value)
        {
            _left[0] = value;
            _left = _left[1..];
        }

        public void Write(int value)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_left, value);
            _left = _left[sizeof(int)..];
        }

        public void Write(long value)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_left, value);
            _left = _left[sizeof(long)..];
        }

        public void Write(string text)
        {
            Write(text.Length);
            foreach (var c in text)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(_left, c);
                _left = _left[sizeof(char)..];
            }
        }

        public void Write(ReadOnlySpan<byte> bytes)
        {
            Write(bytes.Length);
            bytes.CopyTo(_left);
            _left = _left[bytes.Length..];
        }
    }

    /// <summary>A reader that returns empty values after the first field that does not fit.</summary>
    private ref struct Reader(ReadOnlySpan<byte> left)
    {
        private ReadOnlySpan<byte> _left = left;

        public bool HasFailed { get; private set; }

        public readonly bool IsAtEnd => !HasFailed && _left.IsEmpty;

        public void Fail() => HasFailed = true;

        public byte Byte() => Take(1) is [var value] ? value : (byte)0;

        public int Int() => Take(sizeof(int)) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : 0;

        public long Long() => Take(sizeof(long)) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0;

        public string Text()
        {
            var length = Int();
            if (length < 0 || length > _left.Length / sizeof(char))
            {
                Fail();
                return "";
            }

            var bytes = Take(length * sizeof(char));
            var text = new char[bytes.Length / sizeof(char)];
            for (var i = 0; i < text.Length; i++)
                text[i] = (char)BinaryPrimitives.ReadUInt16LittleEndian(bytes[(i * sizeof(char))..]);
            return new string(text);
        }

        public byte[] Bytes() => Take(Int()).ToArray();

        private ReadOnlySpan<byte> Take(int length)
        {
            if (HasFailed || length < 0 || length > _left.Length)
            {
                Fail();
                return [];
            }

            var taken = _left[..length];
            _left = _left[length..];
            return taken;
        }
    }
}
