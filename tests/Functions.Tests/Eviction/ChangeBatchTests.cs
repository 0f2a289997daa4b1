using System.Buffers;
using System.Text;
using Lookup.Domain.Feed;
using Lookup.Domain.Users;
using Lookup.Functions.Cosmos.Documents;
using Lookup.Functions.Eviction;

namespace Lookup.Functions.Tests.Eviction;

/// <summary>
/// Tests that a batch of the trigger in which a text is no valid Unicode is read completely. If it were not, the epoch would end, and every
/// cached user would be confirmed again.
/// </summary>
public sealed class ChangeBatchTests
{
    /// <summary>Each of these changes is of an item that no request can name.</summary>
    public static TheoryData<string> Unnamed =>
    [
        """{"id":"LONE","tenant":"t","_lsn":7}""",
        """{"id":"a","tenant":"LONE","_lsn":7}""",
        """{"current":{"id":"LONE","tenant":"t"},"metadata":{"lsn":7,"operationType":"create"}}""",
        """{"current":{},"metadata":{"lsn":7,"operationType":"delete","id":"LONE","partitionKey":{"tenant":"t"}}}""",
        """{"current":{},"metadata":{"lsn":7,"operationType":"delete","id":"a","partitionKey":{"tenant":"LONE"}}}""",
    ];

    /// <summary>Each of these changes is of the user <c>a</c> of the tenant <c>t</c>.</summary>
    public static TheoryData<string> Named =>
    [
        """{"LONE":1,"id":"a","tenant":"t","_lsn":7}""",
        """{"id":"a","tenant":"t","email":"LONE","_lsn":7}""",
        """{"LONE":1,"current":{"id":"a","tenant":"t","LONE":"LONE"},"metadata":{"lsn":7,"operationType":"create"}}""",
    ];

    [Theory]
    [MemberData(nameof(Unnamed))]
    public void Change_of_an_item_that_no_request_can_name_does_not_make_its_batch_unreadable(string change)
    {
        foreach (var surrogate in (string[])["\\ud800", "\\udc00", "x\\uDBFF\\u0041"])
        {
            var (outcome, keys) = Read(Encoding.UTF8.GetBytes(Between(change.Replace("LONE", surrogate, StringComparison.Ordinal))));

            Assert.Equal(new ChangeBatch.Outcome(2, 0, IsWhole: true, IsCutShort: false), outcome);
            Assert.Equal([UserKey.Create("first", "t"), UserKey.Create("last", "t")], keys);
        }
    }

    [Theory]
    [MemberData(nameof(Named))]
    public void Change_of_a_user_with_text_that_cannot_be_decoded_is_applied(string change)
    {
        var (outcome, keys) = Read(Encoding.UTF8.GetBytes(Between(change.Replace("LONE", "\\ud800", StringComparison.Ordinal))));

        Assert.Equal(new ChangeBatch.Outcome(3, 0, IsWhole: true, IsCutShort: false), outcome);
        Assert.Equal(UserKey.Create("a", "t"), keys[1]);
    }

    /// <summary>
    /// A program that decodes the documents and writes them again escapes a surrogate where it must: in the document, or only in the text that
    /// contains the document.
    /// </summary>
    [Theory]
    [InlineData(1, true)]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(2, false)]
    public void Payload_with_an_unpaired_surrogate_is_read_regardless_of_the_level_that_escapes_it(int encodings, bool isEscapedInDocument)
    {
        foreach (var change in Unnamed.Select(row => row.Data))
        {
            var text = Between(isEscapedInDocument ? change.Replace("LONE", "\\ud800", StringComparison.Ordinal) : change);
            for (var i = 0; i < encodings; i++)
                text = $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
            var body = $$$"""{"Data":{"changes":{{{text.Replace("LONE", "\\ud800", StringComparison.Ordinal)}}} },"Metadata":{}}""";

            var (outcome, keys) = Read(TriggerPayload.Batch(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(body))));

            Assert.Equal(new ChangeBatch.Outcome(2, 0, IsWhole: true, IsCutShort: false), outcome);
            Assert.Equal(2, keys.Count);
        }
    }

    private static string Between(string change) =>
        $$$"""[{"id":"first","tenant":"t","_lsn":6},{{{change}}},{"current":{"id":"last","tenant":"t"},"metadata":{"lsn":8,"operationType":"replace"}}]""";

    private static (ChangeBatch.Outcome Outcome, List<UserKey> Keys) Read(ReadOnlyMemory<byte> batch)
    {
        var keys = new List<UserKey>();
        var outcome = new ChangeBatch(new DocumentShape(Path("/tenant"), [Path("/email")], [])).Read(batch, Note);
        return (outcome, keys);

        bool Note(UserChange change)
        {
            keys.Add(change.Key);
            return true;
        }
    }

    private static JsonPath Path(string text) => JsonPath.TryParse(text, out var path) ? path : throw new ArgumentException(text);
}
