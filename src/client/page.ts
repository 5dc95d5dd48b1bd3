/**
 * The script of every page. Nothing depends on it: without scripts the first anomaly is shown whole and the links between anomalies
 * work by CSS. It adds copying, j/k, details on hover and focus, a time line that moves, toggles, and scrolls a narrow screen to the anomaly.
 */
import { followAnomalies } from './anomalies.ts';
import { followContents } from './contents.ts';
import { offerCopies } from './copy.ts';
import { showDetails } from './details.ts';
import { animateTimelines } from './timelines.ts';

offerCopies();
followAnomalies();
followContents();
showDetails();
animateTimelines();
