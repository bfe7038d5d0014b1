import { graphql } from 'relay-runtime';

export const page = graphql`
  query operationsPageQuery($first: Int!, $after: String) {
    ...operations_agents @arguments(first: $first, after: $after)
  }
`;

export const agents = graphql`
  fragment operations_agents on Query
  @argumentDefinitions(first: { type: "Int", defaultValue: 2 }, after: { type: "String" })
  @refetchable(queryName: "operationsAgentsPaginationQuery") {
    agents(first: $first, after: $after) @connection(key: "operations_agents") {
      edges {
        node {
          id
          status
          ...operations_agent
        }
      }
    }
  }
`;

export const agent = graphql`
  fragment operations_agent on Agent @refetchable(queryName: "operationsAgentRefetchQuery") {
    externalId
    status
    source {
      name
    }
  }
`;

export const agentStream = graphql`
  subscription operationsAgentSubscription {
    agentChanged {
      id
      position
      snapshot
      agent {
        id
        status
      }
    }
  }
`;

export const callStream = graphql`
  subscription operationsCallSubscription {
    callChanged {
      id
      position
      snapshot
      call {
        id
        state
        agents {
          id
          status
        }
      }
    }
  }
`;
