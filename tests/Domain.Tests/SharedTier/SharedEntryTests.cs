using CsCheck;
using Lookup.Domain.SharedTier;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.SharedTier;

/// <summary>Tests of the binary format of entries, in which a tier can damage, cut or exchange everything.</summary>
public sealed class SharedEntryTests
{
    private const string Log = "account/database/container/rid";

    private static readonly UserKey Ada = UserKey.Create("ada");

    private static readonly Gen<string> AnyText = Gen.String[0, 20];

    private static readonly Gen<SharedEntry> AnyEntry =
        from partition in AnyText
        from version in Gen.Long
        from isTenant in Gen.Bool
        from lsn in Gen.Long[1, long.MaxValue]
        from asOf in Gen.Long[1, long.MaxValue]
        from readAt in Gen.Long[0, DateTime.MaxValue.Ticks]
        from endsAt in Gen.Long[-DateTime.MaxValue.Ticks, DateTime.MaxValue.Ticks]
        from document in AnyDocument
        select new SharedEntry(Log, partition, version, isTenant ? UserKey.Create("ada", "tenant") : Ada, lsn, asOf, new DateTime(readAt, DateTimeKind.Utc))
        {
            Document = document,
            EndsAt = endsAt < 0 ? null : new DateTime(endsAt, DateTimeKind.Utc),
        };

    private static Gen<UserDocument?> AnyDocument =>
        from isAbsent in Gen.Int[0, 3]
        from body in Gen.Byte.Array[0, 300]
        from etag in AnyText
        from seconds in Gen.Long[0, uint.MaxValue]
        from keys in Gen.Select(AnyText, AnyText, (path, value) => new AlternateKey(path, value)).Array[0, 3]
        select isAbsent == 0 ? null : new UserDocument(body, etag, 0, DateTimeOffset.FromUnixTimeSeconds(seconds), keys);

    [Fact]
    public void Entry_is_the_same_after_writing_and_reading() => AnyEntry.Sample(entry =>
    {
        Assert.Equal(SharedEntryProblem.None, SharedEntryFormat.TryRead(SharedEntryFormat.Write(entry), Log, entry.User, out var read));

        Assert.Equal(entry with { Document = null }, read! with { Document = null });
        Assert.Equal(entry.Document is null, read.Document is null);
        if (entry.Document is not { } document)
            return;

        Assert.Equal((document.ETag, document.LastModified), (read.Document!.ETag, read.Document.LastModified));
        Assert.Equal(entry.VersionLsn, read.Document.Lsn);
        Assert.Equal(document.Body.ToArray(), read.Document.Body.ToArray());
        Assert.Equal(document.AlternateKeys, read.Document.AlternateKeys);
    });

    [Fact]
    public void Value_with_one_changed_byte_is_refused() =>
        Gen.Select(AnyEntry, Gen.Int[0, int.MaxValue], Gen.Byte[1, 255]).Sample((entry, at, change) =>
        {
            var value = SharedEntryFormat.Write(entry)!;
            value[at % value.Length] ^= change;

            var problem = SharedEntryFormat.TryRead(value, Log, entry.User, out var read);

            Assert.Equal(at % value.Length == 0 ? SharedEntryProblem.OtherFormat : SharedEntryProblem.Damaged, problem);
            Assert.Null(read);
        });

    [Fact]
    public void Value_that_is_cut_or_longer_is_refused() =>
        Gen.Select(AnyEntry, Gen.Int[0, int.MaxValue], Gen.Byte).Sample((entry, at, more) =>
        {
            var value = SharedEntryFormat.Write(entry)!;

            Assert.Equal(SharedEntryProblem.Damaged, SharedEntryFormat.TryRead(value.AsSpan(0, at % value.Length), Log, entry.User, out _));
            Assert.Equal(SharedEntryProblem.Damaged, SharedEntryFormat.TryRead([.. value, more], Log, entry.User, out _));
        });

    [Fact]
    public void Random_bytes_are_refused_without_an_exception() =>
        Gen.Byte.Array[0, 400].Sample(value =>
            Assert.NotEqual(SharedEntryProblem.None, SharedEntryFormat.TryRead(value, Log, Ada, out _)));

    /// <summary>A writer with another idea of the format can compute the checksum too.</summary>
    [Fact]
    public void Random_fields_with_a_valid_checksum_never_throw() =>
        Gen.OneOf(Gen.Byte.Array[1, 200], AnyEntry.SelectMany(entry => Spoiled(SharedEntryFormat.Write(entry)![17..]))).Sample(fields =>
        {
            byte[] value = [SharedEntryFormat.Version, .. System.IO.Hashing.XxHash128.Hash(fields), .. fields];
            SharedEntryFormat.TryRead(value, Log, Ada, out _);
        });

    [Fact]
    public void Value_of_another_user_log_or_length_is_refused()
    {
        var value = SharedEntryFormat.Write(new SharedEntry(Log, "0", -1, Ada, 5, 6, DateTime.UnixEpoch));

        Assert.Equal(SharedEntryProblem.OtherUser, SharedEntryFormat.TryRead(value, Log, UserKey.Create("bob"), out _));
        Assert.Equal(SharedEntryProblem.OtherUser, SharedEntryFormat.TryRead(value, Log, UserKey.Create("ada", "tenant"), out _));
        Assert.Equal(SharedEntryProblem.OtherSource, SharedEntryFormat.TryRead(value, Log + "2", Ada, out _));
        Assert.Equal(SharedEntryProblem.TooLong, SharedEntryFormat.TryRead(new byte[SharedEntryFormat.MaxBytes + 1], Log, Ada, out _));
        Assert.Equal(SharedEntryProblem.Damaged, SharedEntryFormat.TryRead([], Log, Ada, out _));
    }

    [Fact]
    public void User_that_is_too_large_is_not_written()
    {
        var document = new UserDocument(new byte[SharedEntryFormat.MaxBytes], "\"e\"", 5, DateTimeOffset.UnixEpoch, []);

        Assert.Null(SharedEntryFormat.Write(new SharedEntry(Log, "0", -1, Ada, 5, 6, DateTime.UnixEpoch) { Document = document }));
    }

    private static Gen<byte[]> Spoiled(byte[] fields) =>
        Gen.Select(Gen.Int[0, fields.Length - 1], Gen.Byte).Select((at, to) =>
        {
            fields[at] = to;
            return fields;
        });
}
