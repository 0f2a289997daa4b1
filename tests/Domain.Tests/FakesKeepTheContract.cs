using Lookup.Contracts;
using Lookup.Domain.Feed;
using Lookup.Domain.Stores;

namespace Lookup.Domain.Tests;

public sealed class FakeDatabaseAsStore : UserStoreContract
{
    protected override Task<(IUserStore Store, IUserWriter Writer)> OpenAsync()
    {
        var database = new FakeDatabase();
        return Task.FromResult<(IUserStore, IUserWriter)>((database, database));
    }
}

public sealed class FakeDatabaseAsFeed : ChangeFeedContract
{
    protected override Task<(IChangeFeed Feed, IUserStore Store, IUserWriter Writer)> OpenAsync(bool showsDeletes)
    {
        var database = new FakeDatabase(showsDeletes: showsDeletes);
        return Task.FromResult<(IChangeFeed, IUserStore, IUserWriter)>((database, database, database));
    }
}
