import { Link } from '@tanstack/react-router';

import { type EntityType, entityOf } from '../lib/entity';

interface Props {
  type: EntityType;
  value: string;
  className?: string | undefined;
  children?: React.ReactNode;
}

/** A machine, account, address … that leads to its page. */
export function EntityLink({ type, value, className, children }: Props) {
  return (
    <Link to="/entities/$type/$value" params={{ type, value }} className={className} preload={false}>
      {children ?? value}
    </Link>
  );
}

/** The value of a field: a link where it names an entity, else as it is. */
export function EntityValue({ field, value, className }: { field: string; value: string; className?: string }) {
  const type = entityOf(field, value);
  if (!type) return <span className={className}>{value}</span>;
  return <EntityLink type={type} value={value} className={className} />;
}
