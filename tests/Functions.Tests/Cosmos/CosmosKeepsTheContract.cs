using Lookup.Contracts;
using Lookup.Domain.Feed;
using Lookup.Domain.Stores;
using Lookup.Functions.Resilience;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lookup.Functions.Tests.Cosmos;

public sealed class CosmosUserStoreKeepsTheContract : UserStoreContract, IAsyncDisposable
{
    private Account? _account;

    public async ValueTask DisposeAsync()
    {
        if (_account is not null)
            await _account.DisposeAsync();
    }

    protected override async Task<(IUserStore Store, IUserWriter Writer)> OpenAsync()
    {
        _account = await Account.OpenAsync();
        return (_account.Reader, _account);
    }
}

public sealed class CosmosChangeFeedKeepsTheContract : ChangeFeedContract, IAsyncDisposable
{
    private Account? _account;

    public async ValueTask DisposeAsync()
    {
        if (_account is not null)
            await _account.DisposeAsync();
    }

    protected override async Task<(IChangeFeed Feed, IUserStore Store, IUserWriter Writer)> OpenAsync(bool showsDeletes)
    {
        _account = await Account.OpenAsync(showsDeletes);
        return (_account.Feed, _account.Reader, _account);
    }
}

/// <summary>The store behind the resilience pipeline satisfies the same contract.</summary>
public sealed class GuardedUserStoreKeepsTheContract : UserStoreContract, IAsyncDisposable
{
    private readonly StoreGuard _guard = new(new StoreGuardOptions(), TimeProvider.System, NullLogger<StoreGuard>.Instance);
    private Account? _account;

    public async ValueTask DisposeAsync()
    {
        _guard.Dispose();
        if (_account is not null)
            await _account.DisposeAsync();
    }

    protected override async Task<(IUserStore Store, IUserWriter Writer)> OpenAsync()
    {
        _account = await Account.OpenAsync();
        return (new GuardedUserStore(_account.Reader, _guard), _account);
    }
}
