import { QueryErrorResetBoundary } from '@tanstack/react-query';
import { Component, type ReactNode } from 'react';

import { ErrorState } from '../ui/State';

interface Props {
  reset: () => void;
  children: ReactNode;
}

class Boundary extends Component<Props, { error: unknown }> {
  override state: { error: unknown } = { error: undefined };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === undefined) return this.props.children;
    return (
      <main style={{ maxWidth: 520, margin: '12vh auto', padding: 16 }}>
        <ErrorState
          error={this.state.error}
          retry={() => {
            this.props.reset();
            this.setState({ error: undefined });
          }}
        />
      </main>
    );
  }
}

/** The server did not even say who is signed in: show why and offer to ask again. */
export function StartBoundary({ children }: { children: ReactNode }) {
  return <QueryErrorResetBoundary>{({ reset }) => <Boundary reset={reset}>{children}</Boundary>}</QueryErrorResetBoundary>;
}
