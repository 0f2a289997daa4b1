using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Control;

/// <summary>
/// The routes for faults:
/// <c>POST /_emulator/faults {"operation":"pointRead","status":429,"substatus":3200,"retryAfterMs":40,"count":3}</c> adds a fault,
/// <c>GET</c> lists the faults with their hits, and <c>DELETE</c> clears them.
/// </summary>
internal sealed class FaultControl(FaultInjector injector, TimeProvider clock)
{
    // The names are the values of "delay" in the request.
    private enum DelayPlace
    {
        Request,
        Answer,
    }

    public async Task AddAsync(Exchange exchange)
    {
        using var body = await ControlBody.ReadAsync(
            exchange, "method", "path", "operation", "range", "status", "substatus", "retryAfterMs", "delayMs", "delay", "drop", "count", "durationMs");
        var fault = new Fault(clock)
        {
            Method = body.Text("method"),
            PathPattern = body.Text("path"),
            Operation = body.Choice<OperationKind>("operation"),
            Range = body.Text("range"),
            Status = body.WholeNumber("status", 400, 599) ?? 0,
            SubStatus = body.WholeNumber("substatus", 0, int.MaxValue) ?? 0,
            RetryAfter = body.Milliseconds("retryAfterMs"),
            Delay = body.Milliseconds("delayMs") ?? TimeSpan.Zero,
            DelaysResponse = body.Choice<DelayPlace>("delay") == DelayPlace.Answer,
            Drop = body.Choice<FaultDrop>("drop") ?? FaultDrop.None,
            Count = body.WholeNumber("count", 1, int.MaxValue),
            Until = body.Milliseconds("durationMs") is { } duration ? clock.GetUtcNow() + duration : null,
        };
        if (fault is { Status: 0, Drop: FaultDrop.None } && fault.Delay == TimeSpan.Zero)
            throw CosmosErrorException.BadRequest("A fault has no effect; it must have 'status', 'delayMs' or 'drop'.");
        injector.Add(fault);
        await ListAsync(exchange);
    }

    public Task ClearAsync(Exchange exchange)
    {
        injector.Clear();
        return ListAsync(exchange);
    }

    public Task ListAsync(Exchange exchange) => ControlBody.RespondAsync(exchange, new
    {
        faults = injector.Faults.Select(fault => new
        {
            method = fault.Method,
            path = fault.PathPattern,
            operation = fault.Operation?.ToString(),
            range = fault.Range,
            status = fault.Status,
            substatus = fault.SubStatus,
            delayMs = fault.Delay.TotalMilliseconds,
            drop = fault.Drop.ToString(),
            isOver = fault.IsOver,
            hits = fault.Hits,
        }),
    });
}
