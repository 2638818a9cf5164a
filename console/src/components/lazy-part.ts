/** A part of a page that is loaded when it is opened. */
import { defineAsyncComponent, h, type AsyncComponentLoader, type Component } from 'vue';
import ProblemBox from './ProblemBox.vue';
import SkeletonRows from './SkeletonRows.vue';

/** Shown if the part cannot be loaded: without a network, or after an update replaced its file. */
const NotLoaded: Component = () =>
  h(ProblemBox, {
    error: new Error('This part of the page could not be loaded. Check the network, then try again.'),
    retry: () => location.reload(),
  });

/** Shows grey rows while it loads, and what to do if it cannot be loaded. */
export const lazyPart = <Part extends Component>(loader: AsyncComponentLoader<Part>) =>
  defineAsyncComponent({ loader, loadingComponent: SkeletonRows, delay: 0, errorComponent: NotLoaded });
