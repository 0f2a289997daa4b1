using Lookup.Emulator.Control;
using Lookup.Emulator.Operations;
using Lookup.Emulator.Storage;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator;

/// <summary>The router, which selects the endpoint of a request by resource and operation.</summary>
internal sealed class Router
{
    private readonly Account _account;
    private readonly AccountEndpoint _accountEndpoint;
    private readonly DatabaseEndpoint _databases;
    private readonly ContainerEndpoint _containers;
    private readonly PointReadEndpoint _pointReads;
    private readonly ChangeFeedEndpoint _changeFeed;

    public Router(CosmosEmulatorOptions options, Account account, AccountAddress address, ReplicaLag lag)
    {
        _account = account;
        _accountEndpoint = new AccountEndpoint(address);
        _databases = new DatabaseEndpoint(_account);
        _containers = new ContainerEndpoint(options, account.TimeToLiveDelay);
        _changeFeed = new ChangeFeedEndpoint(account, new RequestCharges(options.EmptyFeedPollCharge), lag, options.IncludePreviousImages);
        _pointReads = new PointReadEndpoint(lag);
    }

    public Task HandleAsync(Exchange exchange)
    {
        var path = exchange.Path;
        CheckShape(path);
        return path.Count switch
        {
            0 => _accountEndpoint.HandleAsync(exchange),
            1 or 2 => _databases.HandleAsync(exchange),
            3 or 4 => _containers.HandleAsync(exchange, _account.Find(path[1])),
            _ => HandleWithinBudgetAsync(exchange, _account.Find(path[1]).Find(path[3])),
        };
    }

    private static void CheckShape(ResourcePath path)
    {
        var isKnown = path.Count switch
        {
            0 => true,
            1 or 2 => path[0] == "dbs",
            3 or 4 => path[0] == "dbs" && path[2] == "colls",
            5 => path[0] == "dbs" && path[2] == "colls" && path[4] is "docs" or "pkranges",
            6 => path[0] == "dbs" && path[2] == "colls" && path[4] is "docs",
            _ => false,
        };
        if (isKnown) return;
        throw CosmosErrorException.NotFound(
            $"The resource {path} is not supported; this endpoint supports /dbs/{{database}}/colls/{{container}}/docs/{{id}} and …/pkranges.");
    }

    private Task HandleWithinBudgetAsync(Exchange exchange, Container container)
    {
        if (container.Budget is not { } budget || exchange.Path[4] == "pkranges") return HandleInContainerAsync(exchange, container);
        budget.CheckLeft();
        return HandleAndSpendAsync(exchange, container, budget);
    }

    private async Task HandleAndSpendAsync(Exchange exchange, Container container, ThroughputBudget budget)
    {
        await HandleInContainerAsync(exchange, container);
        budget.Spend(exchange.Charge);
    }

    private Task HandleInContainerAsync(Exchange exchange, Container container)
    {
        if (exchange.Path[4] == "pkranges") return RangesEndpoint.HandleAsync(exchange, container);
        if (container.Properties.IsHierarchical)
            throw CosmosErrorException.BadRequest("This endpoint does not support documents in a container with a hierarchical partition key.");
        exchange.SetHeader(HeaderNames.ContentPath, container.ResourceId);
        return exchange.Operation switch
        {
            OperationKind.PointRead => _pointReads.HandleAsync(exchange, container),
            OperationKind.FeedPoll => _changeFeed.HandleAsync(exchange, container),
            OperationKind.ReadFeed => QueryEndpoint.HandleReadFeedAsync(exchange, container),
            OperationKind.Query => QueryEndpoint.HandleAsync(exchange, container),
            OperationKind.QueryPlan => QueryEndpoint.HandlePlanAsync(exchange),
            OperationKind.Create => DocumentWriteEndpoint.CreateAsync(exchange, container, WriteMode.Create),
            OperationKind.Upsert => DocumentWriteEndpoint.CreateAsync(exchange, container, WriteMode.Upsert),
            OperationKind.Replace => DocumentWriteEndpoint.ReplaceAsync(exchange, container),
            OperationKind.Patch => DocumentWriteEndpoint.PatchAsync(exchange, container),
            OperationKind.Delete => DocumentWriteEndpoint.DeleteAsync(exchange, container),
            _ => throw Unsupported(exchange),
        };
    }

    private static CosmosErrorException Unsupported(Exchange exchange)
    {
        if (exchange.Header(HeaderNames.IsBatch) is not null)
            return CosmosErrorException.BadRequest("This endpoint does not support transactional batches or bulk operations.");
        var allowed = exchange.Path.IsFeed ? "GET, POST" : "GET, PUT, PATCH, DELETE";
        return CosmosErrorException.MethodNotAllowed(exchange.Method, allowed);
    }
}
