using Lookup.Functions.Cosmos.Containers;
using Lookup.Functions.Hosting;
using Lookup.Functions.Settings;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Lookup.Functions.Tests.Cosmos;

/// <summary>The comparison of the container with <c>Lookup__PartitionKeyPath</c>. Without it, each user of another container would be unknown.</summary>
public sealed class ContainerCheckTests
{
    private const string NoContainer = """{"operation":"container","status":503}""";
    private const string Differs = "Lookup__PartitionKeyPath is '/id', but the partition key path of the container lookup/users is '/tenant'; set Lookup__PartitionKeyPath to '/tenant'.";

    [Fact]
    public async Task Process_with_another_partition_key_path_prints_one_line_and_exits_with_1()
    {
        await using var store = await Store.StartAsync("/tenant");

        var (exitCode, _, error) = await ChildProcess.RunAsync(
            "dotnet",
            [typeof(LookupHost).Assembly.Location],
            [("CosmosConnection", store.ConnectionString), ("ASPNETCORE_URLS", "http://127.0.0.1:0")],
            Cancel.Token);

        Assert.Equal(1, exitCode);
        Assert.Equal($"Error: {Differs}", error.TrimEnd());
    }

    [Theory]
    [InlineData("/id", "/contact/id", "Lookup__PartitionKeyPath is '/contact/id', but the partition key path of the container lookup/users is '/id'; set Lookup__PartitionKeyPath to '/id'.")]
    [InlineData("/Id", "/id", "Lookup__PartitionKeyPath is '/id', but the partition key path of the container lookup/users is '/Id'; set Lookup__PartitionKeyPath to '/Id'.")]
    [InlineData("/tenant /user", "/tenant", "Lookup__PartitionKeyPath is '/tenant', but the container lookup/users has the hierarchical partition key /tenant, /user, which this service does not support")]
    public async Task Service_with_another_partition_key_path_stops(string paths, string configured, string expected)
    {
        await using var store = await Store.StartAsync();
        await store.DeleteContainerAsync();
        await store.CreateContainerAsync(paths.Split(' '));
        await using var service = await Service.StartUnarmedAsync(store.ConnectionString, null, ("Lookup__PartitionKeyPath", configured));

        var error = await SettingsErrorAsync(service);

        Assert.StartsWith(expected, error.Message);
    }

    [Theory]
    [InlineData("/contact/id", "/contact/id")]
    [InlineData("/\"contact\"/id", "/contact/id")]
    public async Task Service_with_the_partition_key_path_of_the_container_is_ready(string path, string configured)
    {
        await using var store = await Store.StartAsync(path);
        await store.PutAsync("""{"id":"ada","contact":{"id":"x"}}""", "x");
        var logs = new LogCapture();
        await using var service = await Service.StartAsync(
            store, logs.AddTo, ("Lookup__PartitionKeyPath", configured), ("Logging__LogLevel__Default", "Information"));

        Assert.Equal(200, (int)(await service.GetAsync("/api/users/ada?pk=x")).Status);
        Assert.Equal(200, (int)(await service.GetAsync("/api/health/ready")).Status);
        var line = Assert.Single(logs.Lines, line => line.Id.Id == 1701);
        Assert.StartsWith($"The container lookup/users has the partition key {path} (Hash, version 2), default time to live none.", line.Text);
    }

    /// <summary>While the definition is unknown, a user that is not found is not reported as unknown, because its partition key may be wrong.</summary>
    [Fact]
    public async Task Container_that_cannot_be_read_is_reported_and_compared_as_soon_as_it_can_be_read()
    {
        await using var store = await Store.StartAsync("/tenant");
        await store.PutAsync("""{"id":"ada","tenant":"t"}""", "t");
        await store.AddFaultAsync(NoContainer);
        var logs = new LogCapture();
        await using var service = await Service.StartUnarmedAsync(
            store.ConnectionString, logs.AddTo, ("Lookup__ReadDeadline", "00:00:02"), ("Logging__LogLevel__Default", "Information"));

        (await service.GetAsync("/api/users/ada")).ShouldBeProblem(503, "store-unavailable");
        await Eventually.IsTrueAsync(() => logs.Lines.Any(line => line.Id.Id == 1702), "the reason is logged");
        var ready = await service.GetAsync("/api/health/ready");
        ready.ShouldBeProblem(503, "not-ready");
        Assert.Contains("The definition of the container lookup/users cannot be read yet. Cosmos DB returned an error (503/0).", DetailOf(ready));

        await store.ClearFaultsAsync();

        Assert.Equal(Differs, (await SettingsErrorAsync(service)).Message);
        Assert.Single(logs.Lines, line => line.Id.Id == 1702);
        Assert.Single(logs.Lines, line => line.Id.Id == 1703);
    }

    [Fact]
    public async Task Container_that_does_not_exist_yet_is_compared_when_it_exists()
    {
        await using var store = await Store.StartAsync();
        await store.DeleteContainerAsync();
        await using var service = await Service.StartUnarmedAsync(store.ConnectionString);
        (await service.GetAsync("/api/users/ada")).ShouldBeProblem(503, "store-unavailable");
        Assert.Contains("does not exist (404/0)", DetailOf(await service.GetAsync("/api/health/ready")));

        await store.CreateContainerAsync("/id");
        await store.PutUserAsync("ada");

        await Eventually.IsTrueAsync(async () => (int)(await service.GetAsync("/api/health/ready")).Status == 200, "the instance is ready");
        Assert.Equal(200, (int)(await service.GetAsync("/api/users/ada")).Status);
    }

    [Fact]
    public async Task Container_recreated_with_another_partition_key_path_makes_the_instance_not_ready_until_it_is_recreated_again()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        var logs = new LogCapture();
        await using var service = await Service.StartAsync(store, logs.AddTo, ("Logging__LogLevel__Default", "Information"));
        Assert.Equal(200, (int)(await service.GetAsync("/api/users/ada")).Status);

        await store.RecreateContainerAsync("/tenant");
        await store.PutAsync("""{"id":"grace","tenant":"t"}""", "t");
        await Eventually.IsTrueAsync(
            async () =>
            {
                Assert.NotEqual(404, (int)(await service.GetAsync("/api/users/grace")).Status);
                return logs.Lines.Any(line => line.Id.Id == 1703);
            },
            "the other path is detected");

        (await service.GetAsync("/api/users/grace")).ShouldBeProblem(503, "store-unavailable");
        var ready = await service.GetAsync("/api/health/ready");
        ready.ShouldBeProblem(503, "not-ready");
        Assert.Contains(Differs, DetailOf(ready));

        await store.RecreateContainerAsync();
        await store.PutUserAsync("grace");
        await Eventually.IsTrueAsync(async () => (int)(await service.GetAsync("/api/users/grace")).Status == 200, "users are served again");
        Assert.False(service.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
    }

    /// <summary>The container is recreated, because only then the definition is read without the SDK reading it too, which must be permitted.</summary>
    [Fact]
    public async Task Container_whose_definition_must_not_be_read_is_used_without_the_comparison()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        var logs = new LogCapture();
        await using var service = await Service.StartAsync(
            store, logs.AddTo, ("Lookup__PollInterval", "01:00:00"), ("Logging__LogLevel__Default", "Information"));
        Assert.Equal(200, (int)(await service.GetAsync("/api/users/ada")).Status);
        await store.RecreateContainerAsync();
        await store.PutUserAsync("ada", 2);
        await store.AddFaultAsync("""{"operation":"container","status":403,"count":1}""");

        var response = await service.GetAsync("/api/users/ada", ("Cache-Control", "no-cache"));

        Assert.Equal(2, response.Json.GetProperty("version").GetInt32());
        Assert.Contains(
            "so Lookup__PartitionKeyPath was not compared with it. Cosmos DB rejected the key or the identity (403/0).",
            Assert.Single(logs.Lines, line => line.Id.Id == 1702).Text);
        Assert.Equal(200, (int)(await service.GetAsync("/api/health/ready")).Status);
    }

    private static string DetailOf(TestResponse response) => response.Json.GetProperty("detail").GetString()!;

    private static async Task<LookupSettingsException> SettingsErrorAsync(Service service)
    {
        var check = service.Services.GetServices<IHostedService>().OfType<ContainerService>().Single();
        await Eventually.IsTrueAsync(() => check.ExecuteTask is { IsCompleted: true }, "the comparison ends");
        var stopping = service.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        await Eventually.IsTrueAsync(() => stopping.IsCancellationRequested, "the service stops");
        return Assert.IsType<LookupSettingsException>(check.ExecuteTask!.Exception!.InnerException);
    }
}
