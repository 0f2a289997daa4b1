using Lookup.Functions.Http;

namespace Lookup.Functions.Worker;

/// <summary>Answers requests with the endpoint classes, and their failures as the function app does.</summary>
internal static class Answer
{
    public static async Task<IResult> With<TEndpoint>(HttpRequest request, Func<TEndpoint, HttpContext, Task> run)
        where TEndpoint : notnull
    {
        var services = request.HttpContext.RequestServices;
        var endpoint = services.GetRequiredService<TEndpoint>();
        var failures = services.GetRequiredService<ILogger<ProblemMiddleware>>();
        await new ProblemMiddleware(context => run(endpoint, context), failures).InvokeAsync(request.HttpContext);
        return Results.Empty; // all was written
    }
}
