import { Deletions } from './Deletions';
import { EvidenceState } from './EvidenceState';
import { Holds } from './Holds';
import { RetentionRules } from './RetentionRules';

/** How long logs are kept, what is held beyond that, what went, and the proof. */
export function Retention() {
  return (
    <>
      <EvidenceState />
      <RetentionRules />
      <Holds />
      <Deletions />
    </>
  );
}
