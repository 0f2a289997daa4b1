using System.Globalization;
using System.Net;
using System.Text.Json;
using Azure.Identity;
using Lookup.Domain.Stores;
using Lookup.Functions.Cosmos.Documents;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos.Containers;

/// <summary>
/// The comparison of the container's definition with the settings. Without it, each user of a container with another partition key would
/// be reported as unknown.
/// </summary>
/// <remarks>A container that was recreated under the same name has a new check, because its definition can be another one.</remarks>
/// <param name="client">The client.</param>
/// <param name="settings">The settings.</param>
/// <param name="partitionKey">The configured partition key path.</param>
/// <param name="identified">Receives the resource id in each definition, before reads are allowed because of it.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The logger.</param>
internal sealed class ContainerCheck(
    CosmosClient client, CosmosSettings settings, JsonPath partitionKey, Action<string> identified, TimeProvider time, ILogger logger)
{
    private readonly Container _container = client.GetContainer(settings.Database, settings.Container);
    private readonly Lock _gate = new();
    private volatile ContainerState _state = ContainerState.Initial;
    private Task<string?>? _running;
    private long _readAt;

    /// <summary>The time after which a read causes the definition to be read again.</summary>
    public static readonly TimeSpan RefreshAfter = TimeSpan.FromMinutes(5);

    public ContainerState State => _state;

    /// <summary>Waits until the definition has been read, if it has not been yet.</summary>
    /// <exception cref="UserStoreException">Users must not be read from the container.</exception>
    public ValueTask EnsureAsync(CancellationToken cancellationToken)
    {
        if (!_state.AllowsReads)
            return new ValueTask(EnsureReadAsync(cancellationToken));
        if (time.GetElapsedTime(Volatile.Read(ref _readAt)) > RefreshAfter)
            Refresh();
        return ValueTask.CompletedTask;
    }

    /// <summary>Reads the definition and compares it, or joins the attempt in progress. Does nothing if it matches already. Does not fail.</summary>
    public Task RunAsync()
    {
        lock (_gate)
        {
            if (_state.Status == ContainerStatus.Matches)
                return Task.CompletedTask;
            return _running ??= CompareAndReportAsync();
        }
    }

    /// <summary>Reads the definition again, after the attempt in progress if there is one. Does not fail.</summary>
    /// <returns>The resource id in a definition whose read was sent after the call, or <see langword="null"/> if it could not be read.</returns>
    public async Task<string?> ReadAgainAsync()
    {
        Task<string?>? running;
        lock (_gate)
            running = _running;
        if (running is not null)
            await running;
        lock (_gate)
            running = _running ??= CompareAndReportAsync();
        return await running;
    }

    /// <summary>Starts another read of the definition and does not wait: the default time to live may have changed.</summary>
    /// <remarks>
    /// This also runs if the definition must not be read, in case it may be read now. The background service normally reads it earlier.
    /// </remarks>
    private void Refresh()
    {
        lock (_gate)
            _running ??= CompareAndReportAsync();
    }

    private async Task EnsureReadAsync(CancellationToken cancellationToken)
    {
        // A definition that differs is read again by the background service only, so that requests do not multiply these reads.
        if (_state.Status != ContainerStatus.Differs)
            await RunAsync().WaitAsync(cancellationToken);
        if (_state is { AllowsReads: false } state)
            throw state.CreateException();
    }

    private async Task<string?> CompareAndReportAsync()
    {
        await Task.Yield(); // not under the lock
        var state = await CompareAsync();
        if (state.ResourceId is { } id)
            identified(id);
        var previous = _state;
        lock (_gate)
        {
            Volatile.Write(ref _readAt, time.GetTimestamp());
            _running = null;

            // A definition that was read stays valid if it cannot be read again.
            if (previous.Status == ContainerStatus.Matches && state.Status is not (ContainerStatus.Matches or ContainerStatus.Differs))
                return state.ResourceId;
            _state = state;
        }

        if (previous.Status == ContainerStatus.Matches && state == previous)
            return state.ResourceId;

        // The reason of a failure contains the id of the attempt, so only a definition is compared by its text.
        var isSame = state.Status != ContainerStatus.Matches || previous.Detail == state.Detail;
        Report(state, isRepeated: previous.Status == state.Status && previous != ContainerState.Initial && isSame);
        return state.ResourceId;
    }

    private async Task<ContainerState> CompareAsync()
    {
        using var deadline = new CancellationTokenSource(settings.ReadDeadline, time);
        try
        {
            using var response = await CosmosCall.RunAsync(token => _container.ReadContainerStreamAsync(null, token), deadline.Token);
            if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                return NotPermitted(CosmosCall.Explain(response).Message);
            return response.IsSuccessStatusCode
                ? Compare(ContainerDefinition.Parse(ResponseContent.GetBytes(response)))
                : await NotReadAsync(CosmosCall.Explain(response));
        }
        catch (JsonException)
        {
            return NotPermitted("Its format is unknown.");
        }
        catch (UserStoreException e) when (e.InnerException is AuthenticationFailedException or CosmosException { StatusCode: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden })
        {
            return NotPermitted(e.Message);
        }
        catch (UserStoreException e)
        {
            return await NotReadAsync(e);
        }
        catch (OperationCanceledException e)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"Cosmos DB did not respond within {settings.ReadDeadline.TotalSeconds:0.###} s.");
            return await NotReadAsync(new UserStoreException(UserStoreFailure.Unavailable, text, e));
        }
    }

    private ContainerState Compare(ContainerDefinition definition)
    {
        if (definition.ConflictWith(partitionKey, Name) is { } conflict)
            return new ContainerState(ContainerStatus.Differs, conflict) { Failure = new UserStoreException(UserStoreFailure.Refused, conflict) };

        return new ContainerState(ContainerStatus.Matches, $"The container {Name} has the {definition}.")
        {
            Expiry = new ItemExpiry(definition.DefaultTimeToLive, IsKnown: true),
            ResourceId = definition.ResourceId,
        };
    }

    private static ContainerState NotPermitted(string reason) => new(
        ContainerStatus.NotPermitted, $"The definition of the container cannot be read, so Lookup__PartitionKeyPath was not compared with it. {reason}");

    private async Task<ContainerState> NotReadAsync(UserStoreException failure)
    {
        var text = $"The definition of the container {Name} cannot be read yet. {failure.Message}";
        if (failure.Failure == UserStoreFailure.Unavailable)
            text += $" {await AccountAddresses.DescribeAsync(client, settings, time)}";
        return new ContainerState(ContainerStatus.NotRead, text) { Failure = failure };
    }

    private string Name => $"{settings.Database}/{settings.Container}";

    private void Report(ContainerState state, bool isRepeated)
    {
        if (isRepeated)
            ContainerLog.SameAgain(logger, state.Detail);
        else if (state.Status == ContainerStatus.Matches)
            ContainerLog.Matches(logger, state.Detail);
        else if (state.Status == ContainerStatus.Differs)
            ContainerLog.Differs(logger, state.Detail);
        else
            ContainerLog.NotCompared(logger, state.Detail);
    }
}
