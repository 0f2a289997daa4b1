using Lookup.Functions.Users;

namespace Lookup.Functions.Hosting;

/// <summary>Which address leads to which function.</summary>
internal static class Endpoints
{
    public static void MapLookup(this WebApplication app)
    {
        // The Functions host asks this to learn that the process is ready.
        app.MapGet("/", static () => Results.Text("Lookup\n"));

        var getUser = app.Services.GetRequiredService<GetUser>();
        app.MapMethods("/api/users/{id}", [HttpMethods.Get, HttpMethods.Head], context => getUser.RunAsync(context));
    }
}
