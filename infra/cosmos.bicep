@description('The account\'s name.')
@minLength(3)
@maxLength(44)
param name string

@description('Where it is put.')
param location string

@description('Tags.')
param tags object

@description('The database that holds the users.')
param databaseName string

@description('The container that holds the users.')
param containerName string

@description('The property that users are partitioned by.')
param partitionKeyPath string

@description('Properties that users can be found by.')
param alternateKeys string[]

@description('The most request units per second for users.')
param maximumThroughput int

@description('Whether the change feed shows deletes too. Not possible for a new account.')
param allVersionsAndDeletes bool

@description('The identity that reads users, and keeps the trigger\'s leases.')
param principalId string

// The built-in roles of the data plane.
var dataReader = '00000000-0000-0000-0000-000000000001'
var dataContributor = '00000000-0000-0000-0000-000000000002'

// A preview version, since no other has enableAllVersionsAndDeletesChangeFeed.
resource account 'Microsoft.DocumentDB/databaseAccounts@2025-05-01-preview' = {
  name: name
  location: location
  tags: tags
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    locations: [
      {
        locationName: location
        failoverPriority: 0
        isZoneRedundant: false
      }
    ]
    consistencyPolicy: {
      // Weaker levels have no session tokens, which the service's promise rests on.
      defaultConsistencyLevel: 'Session'
    }
    backupPolicy: {
      // Without it the change feed cannot show deletes.
      type: 'Continuous'
      continuousModeProperties: {
        tier: 'Continuous7Days'
      }
    }
    disableLocalAuth: true
    disableKeyBasedMetadataWriteAccess: true
    minimalTlsVersion: 'Tls12'
    ...(allVersionsAndDeletes ? { enableAllVersionsAndDeletesChangeFeed: true } : {})
  }
}

resource database 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2025-04-15' = {
  parent: account
  name: databaseName
  properties: {
    resource: {
      id: databaseName
    }
  }
}

resource users 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2025-04-15' = {
  parent: database
  name: containerName
  properties: {
    resource: {
      id: containerName
      partitionKey: {
        paths: [
          partitionKeyPath
        ]
        kind: 'Hash'
        version: 2
      }
      indexingPolicy: {
        indexingMode: 'consistent'
        automatic: true
        includedPaths: [
          for key in alternateKeys: {
            path: '${key}/?'
          }
        ]
        excludedPaths: [
          {
            path: '/*'
          }
        ]
      }
    }
    options: {
      autoscaleSettings: {
        maxThroughput: maximumThroughput
      }
    }
  }
}

resource leases 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2025-04-15' = {
  parent: database
  name: 'leases'
  properties: {
    resource: {
      id: 'leases'
      partitionKey: {
        paths: [
          '/id'
        ]
        kind: 'Hash'
        version: 2
      }
      // Leases are read by their id, and listed by its beginning.
      indexingPolicy: {
        indexingMode: 'consistent'
        automatic: true
        includedPaths: [
          {
            path: '/id/?'
          }
        ]
        excludedPaths: [
          {
            path: '/*'
          }
        ]
      }
    }
    options: {
      autoscaleSettings: {
        maxThroughput: 1000
      }
    }
  }
}

resource mayRead 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2025-04-15' = {
  parent: account
  name: guid(account.id, principalId, dataReader, containerName)
  properties: {
    principalId: principalId
    roleDefinitionId: '${account.id}/sqlRoleDefinitions/${dataReader}'
    scope: '${account.id}/dbs/${databaseName}/colls/${containerName}'
  }
  dependsOn: [
    users
  ]
}

resource mayKeepLeases 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2025-04-15' = {
  parent: account
  name: guid(account.id, principalId, dataContributor, leases.name)
  properties: {
    principalId: principalId
    roleDefinitionId: '${account.id}/sqlRoleDefinitions/${dataContributor}'
    scope: '${account.id}/dbs/${databaseName}/colls/${leases.name}'
  }
  dependsOn: [
    users
  ]
}

@description('The account\'s address.')
output endpoint string = account.properties.documentEndpoint
