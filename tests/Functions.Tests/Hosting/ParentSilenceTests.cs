using Lookup.Functions.Hosting.CustomHandler;
using Lookup.Functions.Support;
using Lookup.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Lookup.Functions.Tests.Hosting;

/// <summary>A service whose host was gone before it could find out who that was: nothing asks it, and it ends.</summary>
public sealed class ParentSilenceTests
{
    [Theory]
    [InlineData(null, true)]
    [InlineData("/", false)]
    [InlineData("/api/health/live", false)]
    [InlineData("/nothing", false)]
    public async Task Service_behind_the_functions_host_stops_if_no_request_arrives_within_a_minute(string? asked, bool ends)
    {
        var time = new FakeTimeProvider();
        await using var service = await Service.StartUnarmedAsync(
            "AccountEndpoint=http://127.0.0.1:1/;AccountKey=AAAA;",
            services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(time)),
            ("FUNCTIONS_CUSTOMHANDLER_PORT", $"{FreePort.Next()}"));
        if (asked is not null)
            await service.GetAsync(asked);

        time.Advance(ParentWatch.Silence);

        Assert.Equal(ends, service.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
    }
}
