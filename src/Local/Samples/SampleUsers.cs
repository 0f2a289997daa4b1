using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bogus;

namespace Lookup.Local.Samples;

/// <summary>
/// The generator of sample users, each about 1 KB of JSON. Every run has the same users: user 42 of 200 is user 42 of 10,000.
/// </summary>
internal static class SampleUsers
{
    private const int Seed = 20_250_101;

    private static readonly DateTime HiredBefore = new(2025, 1, 1, 0, 0, 0, DateTimeKind.Unspecified);

    private static readonly string[] Departments =
        ["Engineering", "Finance", "Human Resources", "Legal", "Marketing", "Operations", "Research", "Sales", "Support"];

    private static readonly string[] Roles = ["reader", "editor", "approver", "auditor", "billing", "support", "administrator"];

    // Reserved for documentation (RFC 2606), so no message to a sample user can be delivered.
    private static readonly string[] Domains = ["example.com", "example.org"];

    private static readonly string[] Locales = ["en-GB", "en-US", "de-DE", "fr-FR", "es-ES", "nl-NL", "sv-SE", "pl-PL"];

    private static readonly string[] TimeZones =
        ["Europe/London", "Europe/Berlin", "Europe/Madrid", "Europe/Stockholm", "America/New_York", "America/Chicago", "Asia/Tokyo"];

    private static readonly string[] Reports =
        ["open-tickets", "monthly-costs", "new-hires", "pipeline", "incidents", "licenses", "renewals", "capacity"];

    /// <summary>Generates the users <c>u1</c> to <c>u{count}</c> lazily.</summary>
    public static IEnumerable<SampleUser> Make(int count)
    {
        var faker = new Faker("en") { Random = new Randomizer(Seed) };
        for (var number = 1; number <= count; number++)
            yield return Make(faker, number);
    }

    private static SampleUser Make(Faker faker, int number)
    {
        var random = faker.Random;
        var givenName = faker.Name.FirstName();
        var familyName = faker.Name.LastName();
        return new SampleUser(
            Id: string.Create(CultureInfo.InvariantCulture, $"u{number}"),
            Email: MakeEmail(givenName, familyName, number, random.ArrayElement(Domains)),
            DisplayName: $"{givenName} {familyName}",
            givenName,
            familyName,
            JobTitle: faker.Name.JobTitle(),
            Department: random.ArrayElement(Departments),
            Roles: random.ArrayElements(Roles, random.Int(1, 3)),
            Phone: MakePhone(random),
            HiredOn: DateOnly.FromDateTime(faker.Date.Past(15, HiredBefore)),
            Address: new SampleAddress(
                faker.Address.StreetAddress(),
                faker.Address.City(),
                faker.Address.StateAbbr(),
                faker.Address.ZipCode(),
                Country: "US"),
            Preferences: MakePreferences(random),
            About: faker.Lorem.Sentence(26, 16),
            PasswordHash: MakeHash(random),
            Version: 1);
    }

    // The number makes the address unique.
    private static string MakeEmail(string givenName, string familyName, int number, string domain) =>
        string.Create(CultureInfo.InvariantCulture, $"{Letters(givenName)}.{Letters(familyName)}.{number}@{domain}");

    private static string Letters(string name) => string.Concat(name.Where(char.IsAsciiLetter).Select(char.ToLowerInvariant));

    // 555-0100 to 555-0199 are reserved for fiction.
    private static string MakePhone(Randomizer random) =>
        string.Create(CultureInfo.InvariantCulture, $"{random.Int(201, 989)}-555-{random.Int(100, 199):D4}");

    private static SamplePreferences MakePreferences(Randomizer random) => new(
        random.ArrayElement(Locales),
        random.ArrayElement(TimeZones),
        Theme: random.ArrayElement(["light", "dark", "system"]),
        ItemsPerPage: random.ArrayElement([10, 25, 50, 100]),
        new SampleNotifications(random.Bool(), random.Bool(), random.Bool(), Digest: random.ArrayElement(["daily", "weekly", "never"])),
        random.ArrayElements(Reports, 3));

    // Random bytes in the format of a password hash: an example of a field that the service hides.
    private static string MakeHash(Randomizer random) =>
        $"$argon2id$v=19$m=65536,t=3,p=4${Convert.ToBase64String(random.Bytes(16)).TrimEnd('=')}${Convert.ToBase64String(random.Bytes(32)).TrimEnd('=')}";
}

/// <summary>The JSON serialization of sample users.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(SampleUser))]
internal sealed partial class SampleJson : JsonSerializerContext
{
    /// <summary>Gets a context that writes characters without escaping them, because the text is never part of a web page.</summary>
    public static SampleJson Plain { get; } =
        new(new JsonSerializerOptions(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
