using Lookup.Domain.Caching;
using Lookup.Domain.Users;
using Lookup.Functions.Http;
using Lookup.Functions.Probe;
using Lookup.Functions.Telemetry;

namespace Lookup.Functions.Users;

/// <summary><c>POST /api/users/lookup</c> <c>{"ids":["…"]}</c>: gets several users, with a single read for all uncached ones.</summary>
internal sealed class LookupUsers(
    UserCache cache,
    UserKeyReader keyReader,
    CacheDirectives directives,
    LookupResponseHeaders responseHeaders,
    RequestCounters requests,
    ResponseMemory memory,
    LookupSampler sampler)
{
    public async Task RunAsync(HttpContext context)
    {
        var request = context.Request;
        if (!AcceptHeader.Json(request.Headers.Accept))
        {
            await ProblemWriter.WriteAsync(context, ProblemKind.NotAcceptable, "Users are available only as application/json.");
            return;
        }

        if (!await context.CheckJsonBodyAsync())
            return;

        var body = await ReadBodyAsync(context);
        if (!LookupRequest.TryRead(body, keyReader, out var lookup, out var problem) || !SessionTokenHeader.IsAbsent(request.Headers, out problem))
        {
            await problem.WriteAsync(context);
            return;
        }

        sampler.Note(lookup.Keys[Random.Shared.Next(lookup.Keys.Count)]);
        using var held = await memory.TakeForReadAsync(lookup.Keys.Count, context.RequestAborted);
        ListBody? list;
        try
        {
            list = await LookUpAsync(context, lookup.Keys);
        }
        catch (ResultTooLargeException e)
        {
            await ProblemWriter.WriteAsync(
                context, ProblemKind.BadRequest, $"The users together have more than {e.MaxBytes} bytes, the maximum for one request. Request fewer users at a time.");
            return;
        }

        if (list is null)
            await NotCachedResponse.WriteAsync(context);
        else
            await list.SendAsync(context, held);
    }

    /// <summary>Looks the users up, and writes the header of the response.</summary>
    /// <returns>The body, or <see langword="null"/> if the cache had no acceptable result.</returns>
    /// <remarks>While the body is sent, only the body references the users, and drops each one that it has written.</remarks>
    private async Task<ListBody?> LookUpAsync(HttpContext context, IReadOnlyList<UserKey> keys)
    {
        var results = await cache.GetManyAsync(keys, directives.Read(context), context.RequestAborted);
        var summary = ResultAggregator.Aggregate(results);
        requests.Count(LookupFunction.LookupUsers, summary);
        if (summary.Status == LookupStatus.NotCached)
            return null;

        responseHeaders.Write(context.Response, summary);
        var list = new ListBody();
        foreach (var result in results)
        {
            if (result.Document is { } user)
                list.Add(user);
        }

        list.AddMissing(keys.Where((_, i) => results[i].Document is null), keyReader.NeedsPartitionKey);
        return list;
    }

    /// <exception cref="BadHttpRequestException">The body is too large, arrives too slowly, or cannot be read.</exception>
    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.ContentLength > RequestLimits.MaxBodyBytes)
            throw TooLarge();

        // The server has the same limit if clients connect to it directly, and no limit behind the Functions host.
        using var body = new MemoryStream();
        while (true)
        {
            var read = await context.ReadBodyAsync();
            if (body.Length + read.Buffer.Length > RequestLimits.MaxBodyBytes)
                throw TooLarge();
            foreach (var part in read.Buffer)
                body.Write(part.Span);
            request.BodyReader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                return body.GetBuffer().AsMemory(0, (int)body.Length);
        }
    }

    private static BadHttpRequestException TooLarge() => new("The body is too large.", StatusCodes.Status413PayloadTooLarge);
}
