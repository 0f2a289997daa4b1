using Lookup.Functions.Http;

namespace Lookup.Functions.Worker;

/// <summary>The runner of endpoint classes, which converts failures to the same responses as the function app.</summary>
internal static class EndpointRunner
{
    public static async Task<IResult> RunAsync<TEndpoint>(HttpRequest request, Func<TEndpoint, HttpContext, Task> run)
        where TEndpoint : notnull
    {
        var services = request.HttpContext.RequestServices;
        var endpoint = services.GetRequiredService<TEndpoint>();
        var failures = services.GetRequiredService<ILogger<ProblemMiddleware>>();
        await new ProblemMiddleware(context => run(endpoint, context), failures).InvokeAsync(request.HttpContext);
        return Results.Empty; // the endpoint has written the response
    }
}
