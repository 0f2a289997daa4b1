@description('The function app\'s name.')
param name string

@description('The plan\'s name.')
param planName string

@description('Where it is put.')
param location string

@description('Tags.')
param tags object

@description('The identity that the app signs in with.')
param identityId string

@description('What the app names that identity by.')
param identityClientId string

@description('The storage account of the Functions host.')
param storageName string

@description('The blob container that the app is deployed from.')
param packagesUrl string

@description('Where telemetry is sent.')
param insightsConnectionString string

@description('The Cosmos DB account\'s address.')
param cosmosEndpoint string

@description('The database that holds the users.')
param databaseName string

@description('The container that holds the users.')
param containerName string

@description('The property that users are partitioned by.')
param partitionKeyPath string

@description('Properties that users can be found by.')
param alternateKeys string[]

@description('The paths of the fields of a user that are never shown.')
param hiddenFields string[]

@description('The greatest age of an answer.')
param maxStaleness string

@description('What the change feed shows.')
@allowed([
  'LatestVersion'
  'AllVersionsAndDeletes'
])
param feedMode string

@description('Whether the trigger EvictStaleUsers runs.')
param triggerEnabled bool

@description('The most instances.')
param maximumInstanceCount int

@description('The memory of an instance in MB.')
param instanceMemoryMB int

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    tier: 'FlexConsumption'
    name: 'FC1'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'lookup' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    siteConfig: {
      minTlsVersion: '1.2'
    }
    functionAppConfig: {
      runtime: {
        name: 'custom'
        version: '1.0'
      }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packagesUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      scaleAndConcurrency: {
        maximumInstanceCount: maximumInstanceCount
        instanceMemoryMB: instanceMemoryMB
      }
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: union(
      {
        AzureWebJobsStorage__accountName: storageName
        AzureWebJobsStorage__credential: 'managedidentity'
        AzureWebJobsStorage__clientId: identityClientId
        APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
        APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
        AzureWebJobs_EvictStaleUsers_Disabled: string(!triggerEnabled)
        CosmosConnection__accountEndpoint: cosmosEndpoint
        CosmosConnection__credential: 'managedidentity'
        CosmosConnection__clientId: identityClientId
        Lookup__Database: databaseName
        Lookup__Container: containerName
        Lookup__PartitionKeyPath: partitionKeyPath
        Lookup__MaxStaleness: maxStaleness
        Lookup__FeedMode: feedMode
      },
      toObject(
        range(0, length(alternateKeys)),
        index => 'Lookup__AlternateKeys__${index}',
        index => alternateKeys[index]
      ),
      toObject(
        range(0, length(hiddenFields)),
        index => 'Lookup__HiddenFields__${index}',
        index => hiddenFields[index]
      )
    )
  }
}

resource noFtpLogin 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: app
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource noScmLogin 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: app
  name: 'scm'
  properties: {
    allow: false
  }
}

@description('The function app\'s name.')
output name string = app.name

@description('Where it answers.')
output url string = 'https://${app.properties.defaultHostName}'
