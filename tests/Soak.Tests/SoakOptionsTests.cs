namespace Lookup.Soak.Tests;

public sealed class SoakOptionsTests
{
    [Theory]
    [InlineData("--app", "no such folder", "Lookup.Functions was published to")]
    [InlineData("--endpoint", "no such folder", "Lookup.Emulator was published to")]
    [InlineData("--minutes", "0", "a number from 0.05 to 1440")]
    [InlineData("--rate", "many", "a number from 100 to 1000000")]
    [InlineData("--speed", "1", "'--speed' is not a valid option")]
    public void Read_with_an_invalid_argument_reports_the_allowed_values(string name, string value, string expected)
    {
        var error = Assert.Throws<ArgumentException>(() => SoakOptions.Read([name, value]));

        Assert.Contains(name, error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void Published_program_is_used_from_its_folder()
    {
        var folder = Directory.CreateTempSubdirectory("lookup-options-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "Lookup.Emulator"), "");

            Assert.Equal(folder.FullName, SoakOptions.Read(["--endpoint", folder.FullName]).Endpoint);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
