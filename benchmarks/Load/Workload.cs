using System.Text;
using Lookup.Benchmarks.Shared;

namespace Lookup.Benchmarks.Load;

/// <summary>The requests, prepared as bytes, in a random sequence: users by Zipf's law, kinds by their shares.</summary>
internal sealed class Workload
{
    private const int Length = 1 << 18;
    private const double Exponent = 1.0;

    private readonly (RequestKind Kind, byte[] Bytes)[] _sequence = new (RequestKind, byte[])[Length];

    private Workload()
    {
    }

    public (RequestKind Kind, byte[] Bytes) this[long number] => _sequence[number & (Length - 1)];

    public static byte[] Get(string host, int user, string headers = "") =>
        Encoding.ASCII.GetBytes($"GET /api/users/u{user} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n");

    /// <param name="host">The host name of the service.</param>
    /// <param name="tags">The entity tags of the users, by user number.</param>
    /// <param name="shares">The shares of conditional requests, store reads and batches; the other requests are hits.</param>
    public static Workload Draw(string host, string[] tags, (double Conditional, double Read, double Batch) shares)
    {
        var random = new Random(20_261);
        var hits = new byte[tags.Length][];
        var conditionals = new byte[tags.Length][];
        var reads = new byte[tags.Length][];
        for (var user = 0; user < tags.Length; user++)
        {
            hits[user] = Get(host, user);
            conditionals[user] = Get(host, user, $"If-None-Match: {tags[user]}\r\n");
            reads[user] = Get(host, user, "Cache-Control: no-cache\r\n");
        }

        var batches = Enumerable.Range(0, 1000).Select(_ => Batch(host, random, tags.Length)).ToArray();
        var zipf = new Zipf(tags.Length, Exponent);
        var workload = new Workload();
        for (var i = 0; i < Length; i++)
        {
            var user = zipf.RankAt(random.NextDouble());
            var dice = random.NextDouble();
            workload._sequence[i] =
                dice < shares.Read ? (RequestKind.Read, reads[random.Next(tags.Length)])
                : dice < shares.Read + shares.Batch ? (RequestKind.Batch, batches[random.Next(batches.Length)])
                : dice < shares.Read + shares.Batch + shares.Conditional ? (RequestKind.Conditional, conditionals[user])
                : (RequestKind.Hit, hits[user]);
        }

        return workload;
    }

    private static byte[] Batch(string host, Random random, int users)
    {
        var ids = Enumerable.Range(0, 10).Select(_ => $"\"u{random.Next(users)}\"");
        var body = $"{{\"ids\":[{string.Join(',', ids)}]}}";
        return Encoding.ASCII.GetBytes(
            $"POST /api/users/lookup HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
    }
}

/// <summary>The kind of a request.</summary>
internal enum RequestKind
{
    /// <summary>A cached user.</summary>
    Hit,

    /// <summary>A cached user with its current entity tag: 304.</summary>
    Conditional,

    /// <summary>A user with <c>no-cache</c>: one read of the store.</summary>
    Read,

    /// <summary>Ten cached users in one request.</summary>
    Batch,
}
