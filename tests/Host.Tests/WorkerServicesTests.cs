using Lookup.Functions.Hosting;
using Lookup.Host.Tests.Driver.Worker;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Lookup.Host.Tests;

/// <summary>Tests of the app as an isolated worker in this process, so that its clock and its services can be replaced.</summary>
public sealed class WorkerServicesTests : IAsyncLifetime
{
    private readonly WebApplication _host = WorkerDriver.CreateHost();
    private readonly FakeTimeProvider _time = new();
    private WebApplication? _worker;

    public async ValueTask InitializeAsync()
    {
        await _host.StartAsync(Cancel.Token);

        // The SDK maps the host's arguments to these settings, but takes the arguments from the process.
        _worker = LookupHost.Create(
            [],
            new Dictionary<string, string?>
            {
                ["Functions__Worker__HostEndpoint"] = _host.Urls.Single(),
                ["Functions__Worker__WorkerId"] = "worker-1",
                ["Functions__Worker__RequestId"] = "request-1",
                ["Functions__Worker__GrpcMaxMessageLength"] = "1000000",
                ["CosmosConnection"] = "AccountEndpoint=http://127.0.0.1:1/;AccountKey=AAAA;",
            },
            services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(_time)));
        await _worker.StartAsync(Cancel.Token);
        await Eventually.EndsAsync(_host.Services.GetRequiredService<WorkerStream>().Started, "the worker connects");
    }

    /// <summary>Unlike a custom handler, a worker that has started has a host, which may have no requests for it.</summary>
    [Fact]
    public void Worker_without_a_request_in_the_first_minute_continues()
    {
        _time.Advance(ParentWatch.Silence + ParentWatch.Silence);

        Assert.False(_worker!.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
    }

    [Fact]
    public void Requests_in_flight_have_ten_seconds_to_complete_when_the_process_stops() =>
        Assert.Equal(TimeSpan.FromSeconds(10), _worker!.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);

    public async ValueTask DisposeAsync()
    {
        if (_worker is not null)
            await _worker.DisposeAsync();
        _host.Services.GetRequiredService<WorkerStream>().End();
        await _host.DisposeAsync();
    }
}
