using Lookup.Functions.Hosting;
using Lookup.Functions.Support;
using Lookup.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Lookup.Functions.Tests.Hosting;

/// <summary>A service whose host ended before the service could identify it. It receives no request, and stops.</summary>
public sealed class ParentSilenceTests
{
    [Theory]
    [InlineData(null, true)]
    [InlineData("/", false)]
    [InlineData("/api/health/live", false)]
    [InlineData("/nothing", false)]
    public async Task Service_behind_the_functions_host_stops_if_no_request_arrives_within_a_minute(string? target, bool stops)
    {
        var time = new FakeTimeProvider();
        await using var service = await Service.StartUnarmedAsync(
            "AccountEndpoint=http://127.0.0.1:1/;AccountKey=AAAA;",
            services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(time)),
            ("FUNCTIONS_CUSTOMHANDLER_PORT", $"{FreePort.Next()}"));
        if (target is not null)
            await service.GetAsync(target);

        time.Advance(ParentWatch.Silence);

        Assert.Equal(stops, service.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
    }
}
