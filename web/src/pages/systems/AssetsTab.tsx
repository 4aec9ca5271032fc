import { useState } from 'react';

import type { System } from '../../api/systemQueries';
import { AssetList, type AssetParams } from './AssetList';

/** What a system is made of. */
export function AssetsTab({ system }: { system: System }) {
  const [params, setParams] = useState<AssetParams>({});
  return <AssetList params={params} onParams={(change) => { setParams((old) => ({ ...old, ...change })); }} system={system.id} />;
}
