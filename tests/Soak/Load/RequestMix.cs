using System.Globalization;
using System.Text;
using Lookup.Soak.Checking;

namespace Lookup.Soak.Load;

/// <summary>A generator of random requests, encoded as bytes.</summary>
/// <param name="world">The world, which has the users and the known entity tags.</param>
/// <param name="random">The random source of the connection.</param>
/// <param name="isDemanding">
/// True for requests that put load on the store (reads, lists, queries, evictions); false mostly for cached users.
/// </param>
internal sealed class RequestMix(World world, Random random, bool isDemanding)
{
    private const int LargestBatch = 30;

    private static readonly (int Weight, Directives Directives)[] Asked =
    [
        (820, Directives.None), (50, Directives.CachedOnly), (30, Directives.StaleBy(2)), (10, Directives.AnyStale),
        (40, Directives.StaleOnError(20)), (15, Directives.FreshFor(1)), (20, Directives.MaxAgeOne), (5, Directives.NoCacheOnly),
        (5, Directives.MaxAgeZero), (5, Directives.NoStoreOnly),
    ];

    private static readonly int AllWeights = Asked.Sum(each => each.Weight);

    private readonly Population _population = world.Users;
    private readonly KnownTag?[] _tags = world.Tags;
    private readonly byte[][] _paths = [.. world.Users.Ids.Select(id => Encoding.ASCII.GetBytes($"/api/users/{id}"))];

    private static ReadOnlySpan<byte> Head => " HTTP/1.1\r\nHost: localhost\r\n"u8;

    /// <summary>Fills in the request, and appends it to the bytes to send.</summary>
    public void Draw(InstanceLife life, PlannedRequest request, List<byte> bytes)
    {
        request.Known.Clear();
        request.Tag = null;
        request.Directives = DrawDirectives();
        request.Kind = isDemanding ? DrawDemanding() : DrawModest();
        switch (request.Kind)
        {
            case RequestKind.Batch:
                DrawBatch(life, request, bytes);
                break;

            case RequestKind.Find:
                request.User = random.Next(_population.Findable / 2) * 2;
                request.Address = (request.User / 2 * Population.AddressesPerPair) + random.Next(Population.AddressesPerPair);
                request.Know(life, request.User);
                request.Know(life, request.User + 1);
                Append(bytes, "GET "u8, Encoding.ASCII.GetBytes($"/api/users?email={Uri.EscapeDataString(Population.AddressOf(request.Address))}"));
                Finish(request, bytes);
                break;

            case RequestKind.Unknown:
                Append(bytes, "GET "u8, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/api/users/x{random.Next(2000)}")));
                Finish(request, bytes);
                break;

            case RequestKind.Clear:
                request.Directives = Directives.None;
                Append(bytes, "DELETE "u8, "/api/cache"u8);
                Finish(request, bytes);
                break;

            case RequestKind.Evict:
                request.Directives = Directives.None;
                request.User = random.Next(Math.Max(1, _population.Writable));
                Append(bytes, "DELETE "u8, Encoding.ASCII.GetBytes($"/api/cache/users/{_population.Ids[request.User]}"));
                Finish(request, bytes);
                break;

            default:
                request.User = DrawUser();
                request.Know(life, request.User);
                Append(bytes, "GET "u8, _paths[request.User]);
                if (request.Kind == RequestKind.Conditional && _tags[request.User] is { } tag)
                {
                    request.Tag = tag;
                    Append(bytes, Head, "If-None-Match: "u8);
                    Append(bytes, tag.Tag, "\r\n"u8);
                    AppendDirectives(request, bytes);
                    break;
                }

                request.Kind = RequestKind.Get;
                Finish(request, bytes);
                break;
        }
    }

    private RequestKind DrawModest() => random.Next(1000) switch
    {
        < 800 => RequestKind.Get,
        < 970 => RequestKind.Conditional,
        _ => RequestKind.Unknown,
    };

    private RequestKind DrawDemanding() => random.Next(1000) switch
    {
        < 250 => RequestKind.Batch,
        < 500 => _population.Findable > 0 ? RequestKind.Find : RequestKind.Batch,
        < 505 => RequestKind.Evict,
        < 506 when world.TryBeginClear() => RequestKind.Clear,
        < 900 => RequestKind.Get,
        _ => RequestKind.Conditional,
    };

    private Directives DrawDirectives()
    {
        if (isDemanding && random.Next(4) == 0)
            return random.Next(3) switch { 0 => Directives.NoCacheOnly, 1 => Directives.MaxAgeZero, _ => Directives.NoStoreOnly };
        var drawn = random.Next(AllWeights);
        foreach (var (weight, directives) in Asked)
        {
            if ((drawn -= weight) < 0)
                return directives;
        }

        return Directives.None;
    }

    /// <summary>Draws a user; most requests are for a sixteenth of the users.</summary>
    private int DrawUser() => random.Next(10) == 0 ? random.Next(_population.Count) : random.Next(Math.Max(1, _population.Count / 16));

    private void DrawBatch(InstanceLife life, PlannedRequest request, List<byte> bytes)
    {
        var text = new StringBuilder("{\"ids\":[");
        var size = random.Next(2, LargestBatch);
        var first = DrawUser();
        for (var i = 0; i < size; i++)
        {
            var user = (first + (i * 7)) % _population.Count;
            request.Know(life, user);
            text.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? "" : ",")}\"{_population.Ids[user]}\"");
        }

        var body = Encoding.ASCII.GetBytes(text.Append("]}").ToString());
        Append(bytes, "POST /api/users/lookup"u8, Head);
        Append(bytes, Encoding.ASCII.GetBytes($"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n"), default);
        AppendDirectives(request, bytes);
        Append(bytes, body, default);
    }

    private static void Finish(PlannedRequest request, List<byte> bytes)
    {
        Append(bytes, Head, default);
        AppendDirectives(request, bytes);
    }

    private static void AppendDirectives(PlannedRequest request, List<byte> bytes)
    {
        if (request.Directives.Text.Length > 0)
            Append(bytes, Encoding.ASCII.GetBytes($"Cache-Control: {request.Directives.Text}\r\n"), default);
        Append(bytes, "\r\n"u8, default);
    }

    private static void Append(List<byte> bytes, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        bytes.AddRange(first);
        bytes.AddRange(second);
    }
}
