using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Lookup.Functions.Tests.Cosmos;

/// <summary>The log lists the hidden fields at startup, and reports a path that hides nothing once.</summary>
public sealed class HiddenFieldTests
{
    private const int Users = 150;

    [Fact]
    public async Task Hidden_fields_are_logged_at_startup_and_an_unused_one_once_after_100_users()
    {
        await using var store = await Store.StartAsync();
        for (var i = 0; i < Users; i++)
            await store.PutAsync($$"""{"id":"u{{i}}","passwordHash":"x","contact":[{"private":"y"}]}""", $"u{i}");
        using var recorder = new OutputRecorder();
        await using var service = await Service.StartAsync(
            store,
            services => services.AddSingleton<ILoggerProvider>(recorder),
            ("Logging__LogLevel__Default", "Information"),
            ("Logging__Console__LogLevel__Default", "None"),
            ("Lookup__HiddenFields__0", " /passwordHash "),
            ("Lookup__HiddenFields__1", "/contact/private"),
            ("Lookup__HiddenFields__2", "/passwordhash"));

        for (var i = 0; i < Users; i++)
            Assert.DoesNotContain("passwordHash", (await service.GetAsync($"/api/users/u{i}")).Text, StringComparison.Ordinal);

        Assert.Single(recorder.Notes, note => note.Contains("Hidden fields of users: /passwordHash, /contact/private, /passwordhash.", StringComparison.Ordinal));
        var warning = Assert.Single(recorder.Notes, note => note.Contains("None of the first 100 users read has the hidden field", StringComparison.Ordinal));
        Assert.Contains("/passwordhash;", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Absence_of_hidden_fields_is_logged_at_startup()
    {
        await using var store = await Store.StartAsync();
        using var recorder = new OutputRecorder();
        await using var service = await Service.StartAsync(
            store,
            services => services.AddSingleton<ILoggerProvider>(recorder),
            ("Logging__LogLevel__Default", "Information"),
            ("Logging__Console__LogLevel__Default", "None"));

        Assert.Single(recorder.Notes, note => note.Contains("No field of users is hidden", StringComparison.Ordinal));
    }
}
