using System.Globalization;
using System.Text;

namespace Lookup.Soak.Small;

/// <summary>Clients that send one batch after the other, each for as many users as a batch may have. Half of them are not cached.</summary>
/// <param name="address">The address of the instance.</param>
/// <param name="ids">The users that exist.</param>
/// <param name="clients">The number of clients.</param>
internal sealed class BatchClients(Uri address, string[] ids, int clients) : Pressure
{
    private const int Size = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public override string Unit => "batches of 1,000";

    public override Task RunAsync(CancellationToken stopping) =>
        Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(() => RunOneAsync(client, stopping), CancellationToken.None)));

    private async Task RunOneAsync(int client, CancellationToken stopping)
    {
        using var http = ServiceClient.Create(address, Patience);
        var random = new Random(client);
        while (!stopping.IsCancellationRequested)
        {
            using var content = new StringContent(Draw(random), Encoding.UTF8, "application/json");
            try
            {
                using var response = await http.PostAsync(new Uri("/api/users/lookup", UriKind.Relative), content, stopping);
                Count((int)response.StatusCode);
                if (response.Headers.RetryAfter?.Delta is { } pause)
                    await Task.Delay(pause, TimeProvider.System, stopping);
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                if (!stopping.IsCancellationRequested)
                    Count(0);
            }
        }
    }

    private string Draw(Random random)
    {
        var text = new StringBuilder("{\"ids\":[");
        var first = random.Next(ids.Length);
        for (var i = 0; i < Size; i++)
        {
            text.Append(i == 0 ? "\"" : ",\"");
            if (i % 2 == 0)
                text.Append(ids[(first + i) % ids.Length]);
            else
                text.Append(CultureInfo.InvariantCulture, $"cold-{random.NextInt64()}");
            text.Append('"');
        }

        return text.Append("]}").ToString();
    }
}
